{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

rules as (

    select
        model_id,
        rule
    from segment_models
        lateral view explode(surrogate.rules) as rule

)

select
    model_id,
    cast(rule.rule as int) as rule_number,
    cast(rule.segment_id as int) as segment_id,
    rule.condition,
    rule.customers,
    rule.matched_customers,
    rule.coverage,
    rule.segment_coverage,
    rule.precision
from rules
