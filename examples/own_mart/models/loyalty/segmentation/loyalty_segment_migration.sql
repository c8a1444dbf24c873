{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_migration(
    assigned=ref('loyalty_customer_segments'), history=ref('loyalty_segment_history'), key='member_id'
) }}
