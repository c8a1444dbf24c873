{{ config(materialized='published_view') }}

with

judged_customers as (

    select * from {{ ref('int_bookings__judged_customers') }}

),

judged_bookings as (

    select * from {{ ref('int_bookings__judged_bookings') }}

),

judged_events as (

    select * from {{ ref('int_bookings__judged_campaign_events') }}

)

select
    'customers' as raw_table,
    rejection_reason,
    customer_id,
    cast(null as string) as booking_id,
    cast(null as string) as campaign_id,
    signed_up_on as row_date,
    signed_up_at_text as row_date_text,
    cast(null as string) as value_text,
    cast(null as decimal(28, 4)) as revenue,
    cast(null as decimal(18, 4)) as revenue_in_currency,
    cast(null as string) as currency
from judged_customers
where rejection_reason is not null
union all
select
    'bookings' as raw_table,
    rejection_reason,
    customer_id,
    booking_id,
    cast(null as string) as campaign_id,
    arrival_date as row_date,
    arrival_date_text as row_date_text,
    case
        when rejection_reason = 'unparsable_booked_at' then booked_at_text
        when rejection_reason = 'unparsable_nights' then nights_text
        when rejection_reason = 'unknown_status' then status_text
        when rejection_reason = 'unparsable_revenue' then revenue_text
    end as value_text,
    revenue,
    revenue_in_currency,
    currency
from judged_bookings
where rejection_reason is not null
union all
select
    'campaign_events' as raw_table,
    rejection_reason,
    customer_id,
    cast(null as string) as booking_id,
    campaign_id,
    occurred_on as row_date,
    occurred_at_text as row_date_text,
    case when rejection_reason = 'unknown_event' then event_text end as value_text,
    cast(null as decimal(28, 4)) as revenue,
    cast(null as decimal(18, 4)) as revenue_in_currency,
    cast(null as string) as currency
from judged_events
where rejection_reason is not null
