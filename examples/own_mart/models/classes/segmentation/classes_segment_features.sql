{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_features(
    mart=ref('loyalty_features'), assigned=ref('classes_customer_segments'), key='member_id'
) }}
