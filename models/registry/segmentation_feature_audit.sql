{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    audit.feature,
    audit.row_count,
    audit.missing_share,
    audit.zero_share,
    audit.top_value_share,
    audit.unique_values,
    audit.minimum,
    audit.maximum,
    audit.mean,
    audit.standard_deviation,
    audit.skewness,
    audit.advice
from segmentation_models
    lateral view inline(feature_audit) audit
