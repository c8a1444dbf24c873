{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    cast(aligned.segment_id as int) as segment_id,
    segmentation_models.previous_model_id,
    cast(aligned.previous_segment_id as int) as previous_segment_id,
    aligned.kind,
    aligned.overlap,
    aligned.share_kept,
    aligned.centroid_shift
from segmentation_models
    lateral view inline(alignment.segments) aligned
