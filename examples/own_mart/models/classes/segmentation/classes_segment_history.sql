{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_history(assigned=ref('classes_customer_segments'), key='member_id') }}
