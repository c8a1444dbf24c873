{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    cast(report.segment_id as int) as segment_id,
    report.silhouette,
    report.stability,
    report.is_single_customer,
    report.is_outlier_driven,
    coalesce(
        array_contains(transform(segmentation_models.validation.too_small, s -> s.segment_id), report.segment_id), false
    ) as is_too_small_to_validate,
    report.weakness
from segmentation_models
    lateral view inline(segment_reports) report
