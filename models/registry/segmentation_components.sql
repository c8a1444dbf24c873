{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

components as (

    select
        model_id,
        component
    from segment_models
        lateral view explode(reduction.components) as component

),

loadings as (

    select
        model_id,
        component,
        loading
    from components
        lateral view explode(component.loadings) as loading

)

select
    model_id,
    cast(component.position as int) as component_number,
    loading.feature,
    loading.loading,
    component.explained_variance,
    component.explained_variance_share,
    component.cumulative_share
from loadings
