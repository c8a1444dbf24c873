{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_names(
    'bookings', assigned=ref('bookings_customer_segments'), totals=ref('int_bookings__segment_totals'),
    playbook=ref('bookings_segment_playbook'),
    measures=['business_share', 'recency_ratio', 'lead_ratio', 'open_ratio', 'revenue_ratio'], first='revenue desc'
) }}
