{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_features(
    mart=ref('ratings_user_features'), assigned=ref('ratings_customer_segments'), key='user_id',
    smallest=setting('ratings_smallest_group')
) }}
