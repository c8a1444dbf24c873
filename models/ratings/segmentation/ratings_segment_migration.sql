{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_migration(
    assigned=ref('ratings_customer_segments'), history=ref('ratings_segment_history'), key='user_id'
) }}
