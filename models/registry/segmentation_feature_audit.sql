{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

audits as (

    select
        model_id,
        audit
    from segment_models
        lateral view explode(feature_audit) as audit

)

select
    model_id,
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
from audits
