{{ config(materialized='published_view') }}

with

judged_bookings as (

    select * from {{ ref('int_bookings__judged_bookings') }}

)

select
    booking_id,
    customer_id,
    property_id,
    stay_type,
    visit_category,
    booked_at,
    arrival_date,
    cast(datediff(arrival_date, booked_on) as int) as lead_days,
    nights,
    guests,
    channel,
    status,
    revenue,
    revenue_in_currency,
    currency,
    exchange_rate
from judged_bookings
where rejection_reason is null
