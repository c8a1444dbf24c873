{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

aligned as (

    select
        model_id,
        previous_model_id,
        aligned_segment
    from segment_models
        lateral view explode(alignment.segments) as aligned_segment

)

select
    model_id,
    previous_model_id,
    cast(aligned_segment.segment_id as int) as segment_id,
    cast(aligned_segment.previous_segment_id as int) as previous_segment_id,
    aligned_segment.kind,
    aligned_segment.overlap,
    aligned_segment.share_kept,
    aligned_segment.centroid_shift
from aligned
