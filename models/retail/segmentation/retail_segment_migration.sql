{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_migration(
    assigned=ref('retail_customer_segments'), history=ref('retail_segment_history'), key='customer_id'
) }}
