{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_migration(
    assigned=ref('classes_customer_segments'), history=ref('classes_segment_history'), key='member_id'
) }}
