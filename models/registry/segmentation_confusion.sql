{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    counted.classifier,
    coalesce(counted.evaluated_on, 'held_out') as evaluated_on,
    cast(counted.fold as int) as fold,
    cast(counted.actual_segment_id as int) as actual_segment_id,
    cast(counted.predicted_segment_id as int) as predicted_segment_id,
    counted.customers
from segmentation_models
    lateral view inline(validation.confusion) counted
