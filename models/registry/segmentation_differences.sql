{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    cast(difference.segment_id as int) as segment_id,
    difference.feature,
    difference.mean as segment_mean,
    difference.ratio_to_all,
    difference.standardised_difference,
    cast(difference.rank as int) as difference_rank
from segmentation_models
    lateral view inline(segment_differences) difference
