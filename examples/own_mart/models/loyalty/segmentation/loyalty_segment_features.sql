{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_features(
    mart=ref('loyalty_features'), assigned=ref('loyalty_customer_segments'), key='member_id'
) }}
