{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_decisions('ratings', models=ref('ratings_segment_models')) }}
