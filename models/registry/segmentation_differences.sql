{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

differences as (

    select
        model_id,
        difference
    from segment_models
        lateral view explode(segment_differences) as difference

)

select
    model_id,
    cast(difference.segment_id as int) as segment_id,
    difference.feature,
    difference.mean as segment_mean,
    difference.ratio_to_all,
    difference.standardised_difference,
    cast(difference.rank as int) as difference_rank
from differences
