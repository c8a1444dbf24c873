{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_history(assigned=ref('bookings_customer_segments'), key='customer_id') }}
