{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_history(assigned=ref('loyalty_customer_segments'), key='member_id') }}
