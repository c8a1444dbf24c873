{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_names('loyalty', assigned=ref('loyalty_customer_segments')) }}
