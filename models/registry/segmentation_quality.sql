{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

measures as (

    select
        model_id,
        quality_measure
    from segment_models
        lateral view explode(quality) as quality_measure

)

select
    model_id,
    quality_measure.measure,
    quality_measure.value,
    quality_measure.bound,
    coalesce(quality_measure.direction, 'none') as direction,
    quality_measure.passed,
    quality_measure.severity,
    quality_measure.meaning
from measures
