{{ config(materialized='published_view') }}

{{ union_of_segmentations('_segment_models') }}
