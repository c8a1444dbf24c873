{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

),

components as (

    select
        segmentation_models.segmentation,
        segmentation_models.model_id,
        component.position,
        component.explained_variance,
        component.explained_variance_share,
        component.cumulative_share,
        component.loadings
    from segmentation_models
        lateral view inline(reduction.components) component

)

select
    components.segmentation,
    components.model_id,
    cast(components.position as int) as component_number,
    weight.feature,
    weight.loading,
    components.explained_variance,
    components.explained_variance_share,
    components.cumulative_share
from components
    lateral view inline(loadings) weight
