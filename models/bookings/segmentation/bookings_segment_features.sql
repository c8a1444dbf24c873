{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_features(
    mart=ref('bookings_customer_features'), assigned=ref('bookings_customer_segments'), key='customer_id',
    smallest=setting('bookings_smallest_group')
) }}
