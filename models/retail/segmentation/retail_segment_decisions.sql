{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_decisions('retail', models=ref('retail_segment_models')) }}
