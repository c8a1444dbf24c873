{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_decisions('bookings', models=ref('bookings_segment_models')) }}
