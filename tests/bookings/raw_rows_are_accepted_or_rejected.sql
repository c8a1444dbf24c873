-- Every raw row of each table, and the money of every booking whose revenue can be read, is accepted or rejected, once.
-- Money is compared in the currencies that it is given in: what has no rate has no other.
with

raw_rows as (

    select
        'customers' as raw_table,
        'none' as currency,
        count(*) as rows_counted,
        cast(0 as decimal(38, 4)) as money
    from {{ ref('stg_bookings__customers') }}
    union all
    select
        'bookings' as raw_table,
        coalesce(currency, 'none') as currency,
        count(*) as rows_counted,
        cast(coalesce(sum(revenue_in_currency), 0) as decimal(38, 4)) as money
    from {{ ref('stg_bookings__bookings') }}
    group by coalesce(currency, 'none')
    union all
    select
        'campaign_events' as raw_table,
        'none' as currency,
        count(*) as rows_counted,
        cast(0 as decimal(38, 4)) as money
    from {{ ref('stg_bookings__campaign_events') }}

),

judged_rows as (

    select
        'customers' as raw_table,
        'none' as currency,
        count_if(is_registered) as rows_counted,
        cast(0 as decimal(38, 4)) as money
    from {{ ref('bookings_customers') }}
    union all
    select
        'bookings' as raw_table,
        coalesce(currency, 'none') as currency,
        count(*) as rows_counted,
        cast(sum(revenue_in_currency) as decimal(38, 4)) as money
    from {{ ref('bookings_bookings') }}
    group by coalesce(currency, 'none')
    union all
    select
        'campaign_events' as raw_table,
        'none' as currency,
        count(*) as rows_counted,
        cast(0 as decimal(38, 4)) as money
    from {{ ref('bookings_campaign_events') }}
    union all
    select
        raw_table,
        coalesce(currency, 'none') as currency,
        count(*) as rows_counted,
        cast(coalesce(sum(revenue_in_currency), 0) as decimal(38, 4)) as money
    from {{ ref('bookings_rejected_rows') }}
    group by raw_table, coalesce(currency, 'none')

),

judged as (

    select
        raw_table,
        currency,
        sum(rows_counted) as rows_counted,
        sum(money) as money
    from judged_rows
    group by raw_table, currency

)

select
    coalesce(raw_rows.raw_table, judged.raw_table) as raw_table,
    coalesce(raw_rows.currency, judged.currency) as currency,
    raw_rows.rows_counted as raw_rows_counted,
    judged.rows_counted as judged_rows_counted,
    raw_rows.money as raw_money,
    judged.money as judged_money
from raw_rows
full outer join judged on raw_rows.raw_table = judged.raw_table and raw_rows.currency = judged.currency
where
    coalesce(raw_rows.rows_counted, 0) != coalesce(judged.rows_counted, 0)
    or coalesce(raw_rows.money, 0) != coalesce(judged.money, 0)
