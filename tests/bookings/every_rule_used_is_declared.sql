-- The seeds that document what is rejected and what has a default have each reason and each rule that a row names.
with

reasons_used as (

    select distinct
        raw_table,
        rejection_reason
    from {{ ref('bookings_rejected_rows') }}

),

rules_used as (

    select distinct
        'customers' as raw_table,
        rules_used
    from {{ ref('bookings_customers') }}
    union all
    select distinct
        'bookings' as raw_table,
        rules_used
    from {{ ref('int_bookings__judged_bookings') }}

),

rules as (

    select distinct
        raw_table,
        explode(split(rules_used, ',')) as default_rule
    from rules_used

)

select
    reasons_used.raw_table,
    reasons_used.rejection_reason as undeclared
from reasons_used
left anti join {{ ref('bookings_rejection_reasons') }} as declared
    on reasons_used.raw_table = declared.raw_table and reasons_used.rejection_reason = declared.rejection_reason
union all
select
    rules.raw_table,
    rules.default_rule as undeclared
from rules
left anti join {{ ref('bookings_default_rules') }} as declared
    on rules.raw_table = declared.raw_table and rules.default_rule = declared.default_rule
where rules.default_rule != ''
