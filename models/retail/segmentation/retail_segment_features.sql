{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_features(
    mart=ref('retail_customer_features'), assigned=ref('retail_customer_segments'), key='customer_id'
) }}
