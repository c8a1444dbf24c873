with

rules as (

    select * from {{ ref('bookings_default_rules') }}

),

customers as (

    select * from {{ ref('bookings_customers') }}

),

bookings as (

    select * from {{ ref('int_bookings__judged_bookings') }}

),

campaign_events as (

    select * from {{ ref('bookings_campaign_events') }}

),

-- Most rows share their rules with many others: they are counted before the rules are told apart.
counted as (

    select
        'customers' as raw_table,
        rules_used,
        count(*) as rows_counted
    from customers
    group by rules_used
    union all
    select
        'bookings' as raw_table,
        rules_used,
        count(*) as rows_counted
    from bookings
    where rejection_reason is null
    group by rules_used
    union all
    select
        'campaign_events' as raw_table,
        if(campaign_type is null, 'missing_campaign_type', '') as rules_used,
        count(*) as rows_counted
    from campaign_events
    group by if(campaign_type is null, 'missing_campaign_type', '')

),

used as (

    select
        raw_table,
        explode(split(rules_used, ',')) as default_rule,
        rows_counted
    from counted

),

rows_of_rule as (

    select
        raw_table,
        default_rule,
        sum(rows_counted) as rows_counted
    from used
    group by raw_table, default_rule

),

rows_of_table as (

    select
        raw_table,
        sum(rows_counted) as rows_counted
    from counted
    group by raw_table

)

select
    rules.raw_table,
    rules.column_name,
    rules.default_rule,
    rules.value_taken,
    rules.meaning,
    coalesce(rows_of_rule.rows_counted, 0) as values_defaulted,
    {{ ratio('coalesce(rows_of_rule.rows_counted, 0)', 'rows_of_table.rows_counted') }} as share_of_rows
from rules
left join rows_of_rule on rules.raw_table = rows_of_rule.raw_table and rules.default_rule = rows_of_rule.default_rule
left join rows_of_table on rules.raw_table = rows_of_table.raw_table
