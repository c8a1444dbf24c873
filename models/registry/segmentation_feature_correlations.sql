{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

pairs as (

    select
        model_id,
        pair
    from segment_models
        lateral view explode(feature_correlations) as pair

)

select
    model_id,
    pair.feature,
    pair.other_feature,
    pair.row_count,
    pair.spearman,
    pair.is_strong,
    pair.drop as drop_feature,
    pair.reason
from pairs
