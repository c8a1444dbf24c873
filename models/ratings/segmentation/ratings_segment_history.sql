{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_history(assigned=ref('ratings_customer_segments'), key='user_id') }}
