{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    scores.classifier,
    coalesce(scores.evaluated_on, 'held_out') as evaluated_on,
    cast(scores.segment_id as int) as segment_id,
    scores.precision,
    scores.recall,
    scores.f1,
    scores.support
from segmentation_models
    lateral view inline(validation.segments) scores
