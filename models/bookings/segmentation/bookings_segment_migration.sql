{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_migration(
    assigned=ref('bookings_customer_segments'), history=ref('bookings_segment_history'), key='customer_id'
) }}
