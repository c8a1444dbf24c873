{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_decisions('classes', models=ref('classes_segment_models')) }}
