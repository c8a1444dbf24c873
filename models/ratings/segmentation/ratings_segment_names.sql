{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_names(
    'ratings', assigned=ref('ratings_customer_segments'), marks=ref('int_ratings__segment_marks'), first='users desc'
) }}
