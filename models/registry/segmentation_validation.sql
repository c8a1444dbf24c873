{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

classifiers as (

    select
        model_id,
        scores
    from segment_models
        lateral view explode(validation.classifiers) as scores

)

select
    model_id,
    scores.classifier,
    scores.accuracy_mean,
    scores.accuracy_std,
    scores.precision_mean,
    scores.precision_std,
    scores.recall_mean,
    scores.recall_std,
    scores.f1_mean,
    scores.f1_std
from classifiers
