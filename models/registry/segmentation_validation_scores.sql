{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

segment_scores as (

    select
        model_id,
        scores
    from segment_models
        lateral view explode(validation.segments) as scores

)

select
    model_id,
    scores.classifier,
    cast(scores.segment_id as int) as segment_id,
    scores.precision,
    scores.recall,
    scores.f1,
    scores.support
from segment_scores
