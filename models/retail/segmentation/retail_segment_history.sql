{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_history(assigned=ref('retail_customer_segments'), key='customer_id') }}
