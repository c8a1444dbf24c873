{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    measured.measure,
    measured.value,
    measured.bound,
    coalesce(measured.direction, 'none') as direction,
    measured.passed,
    measured.severity,
    measured.meaning
from segmentation_models
    lateral view inline(quality) measured
