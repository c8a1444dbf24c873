{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    cast(rules.rule as int) as rule_number,
    cast(rules.segment_id as int) as segment_id,
    rules.condition,
    rules.customers,
    rules.matched_customers,
    rules.coverage,
    rules.segment_coverage,
    rules.precision
from segmentation_models
    lateral view inline(surrogate.rules) rules
