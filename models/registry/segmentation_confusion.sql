{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

confusion as (

    select
        model_id,
        counts
    from segment_models
        lateral view explode(validation.confusion) as counts

)

select
    model_id,
    counts.classifier,
    cast(counts.fold as int) as fold,
    cast(counts.actual_segment_id as int) as actual_segment_id,
    cast(counts.predicted_segment_id as int) as predicted_segment_id,
    counts.customers
from confusion
