{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_decisions('loyalty', models=ref('loyalty_segment_models')) }}
