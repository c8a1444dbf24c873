{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

reports as (

    select
        model_id,
        report,
        transform(validation.too_small, s -> s.segment_id) as segments_too_small
    from segment_models
        lateral view explode(segment_reports) as report

)

select
    model_id,
    cast(report.segment_id as int) as segment_id,
    report.silhouette,
    report.stability,
    report.is_single_customer,
    report.is_outlier_driven,
    coalesce(array_contains(segments_too_small, report.segment_id), false) as is_too_small_to_validate,
    report.weakness
from reports
