{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

importances as (

    select
        model_id,
        importance
    from segment_models
        lateral view explode(feature_importances) as importance

)

select
    model_id,
    importance.feature,
    importance.variance_share,
    importance.between_share,
    importance.eta_squared,
    importance.alone_rand_index,
    importance.compared_customers,
    importance.is_dominant,
    importance.warning
from importances
