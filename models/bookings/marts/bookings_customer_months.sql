with

bookings as (

    select * from {{ ref('bookings_bookings') }}

),

monthly as (

    select
        *,
        cast(date_trunc('month', arrival_date) as date) as arrival_month,
        status = 'kept' as is_stay
    from bookings
    where customer_id is not null

)

select
    customer_id,
    arrival_month,
    cast(count(*) as int) as bookings,
    cast(count_if(is_stay) as int) as stays,
    cast(sum(case when is_stay then nights else 0 end) as bigint) as nights,
    cast(sum(case when is_stay then revenue else 0 end) as decimal(28, 4)) as revenue,
    cast(sum(case when is_stay then 0 else revenue end) as decimal(28, 4)) as lost_revenue
from monthly
group by customer_id, arrival_month
