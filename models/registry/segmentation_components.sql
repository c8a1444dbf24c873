{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    cast(component.position as int) as component_number,
    weight.feature,
    weight.loading,
    component.explained_variance,
    component.explained_variance_share,
    component.cumulative_share
from segmentation_models
    lateral view inline(reduction.components) component
    lateral view inline(component.loadings) weight
