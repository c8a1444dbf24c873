{{ config(schema='internal') }}

with

bookings as (

    select * from {{ ref('bookings_bookings') }}

),

customers as (

    select * from {{ ref('bookings_customers') }}

),

customer_segments as (

    select * from {{ ref('bookings_customer_segments') }}

),

-- Summed before they are joined.
customer_revenue as (

    select
        customer_id,
        sum(case when status = 'kept' then revenue else 0 end) as revenue
    from bookings
    group by customer_id

),

country_ranks as (

    select
        coalesce(customers.country, 'Unknown') as country,
        row_number() over (
            order by sum(customer_revenue.revenue) desc, coalesce(customers.country, 'Unknown') asc
        ) as revenue_rank
    from customer_revenue
    left join customers on customer_revenue.customer_id = customers.customer_id
    group by coalesce(customers.country, 'Unknown')

),

property_ranks as (

    select
        property_id,
        row_number() over (
            order by sum(case when status = 'kept' then revenue else 0 end) desc, property_id asc
        ) as revenue_rank
    from bookings
    group by property_id

),

-- Whom a booking counts for: its customer, or a guest of its own where it has none.
placed as (

    select
        coalesce(bookings.customer_id, concat('booking ', bookings.booking_id)) as guest,
        coalesce(customer_segments.segment_id, 0) as segment_id,
        coalesce(customers.country, 'Unknown') as country,
        bookings.property_id,
        date_format(bookings.arrival_date, 'yyyy-MM') as arrival_month,
        bookings.status,
        bookings.nights,
        bookings.revenue
    from bookings
    left join customers on bookings.customer_id = customers.customer_id
    left join customer_segments on bookings.customer_id = customer_segments.customer_id

),

broken_down as (

    select
        placed.guest,
        placed.segment_id,
        placed.status,
        placed.nights,
        placed.revenue,
        stack(
            3,
            'country',
            {{ top_or_other('placed.country', 'country_ranks.revenue_rank', setting('bookings_top_countries')) }},
            'property',
            {{ top_or_other('placed.property_id', 'property_ranks.revenue_rank', setting('bookings_top_properties')) }},
            'month',
            placed.arrival_month
        ) as (breakdown, breakdown_value)
    from placed
    inner join country_ranks on placed.country = country_ranks.country
    inner join property_ranks on placed.property_id = property_ranks.property_id

),

-- By guest first, so that the number of guests is a number of rows.
of_guests as (

    select
        breakdown,
        breakdown_value,
        segment_id,
        guest,
        count(*) as bookings,
        count_if(status = 'kept') as stays,
        count_if(status = 'cancelled') as cancelled_bookings,
        count_if(status = 'no-show') as no_show_bookings,
        sum(case when status = 'kept' then nights else 0 end) as nights,
        sum(case when status = 'kept' then revenue else 0 end) as revenue,
        sum(case when status != 'kept' then revenue else 0 end) as lost_revenue
    from broken_down
    group by breakdown, breakdown_value, segment_id, guest

)

select
    breakdown,
    breakdown_value,
    segment_id,
    count(*) as guests,
    sum(bookings) as bookings,
    sum(stays) as stays,
    sum(cancelled_bookings) as cancelled_bookings,
    sum(no_show_bookings) as no_show_bookings,
    sum(nights) as nights,
    cast(sum(revenue) as decimal(28, 4)) as revenue,
    cast(sum(lost_revenue) as decimal(28, 4)) as lost_revenue
from of_guests
group by breakdown, breakdown_value, segment_id
