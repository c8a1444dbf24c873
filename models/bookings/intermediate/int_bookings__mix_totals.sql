{{ config(schema='internal') }}

with

customer_features as (

    select * from {{ ref('bookings_customer_features') }}

),

bookings as (

    select * from {{ ref('bookings_bookings') }}

),

customer_segments as (

    select * from {{ ref('bookings_customer_segments') }}

),

of_customers as (

    select
        customer_segments.segment_id,
        customer_features.gender,
        customer_features.generation,
        customer_features.country_group_level
    from customer_segments
    inner join customer_features on customer_segments.customer_id = customer_features.customer_id

),

of_bookings as (

    select
        customer_segments.segment_id,
        customer_segments.customer_id,
        bookings.stay_type,
        bookings.visit_category,
        bookings.channel,
        bookings.status
    from bookings
    inner join customer_segments on bookings.customer_id = customer_segments.customer_id

),

customers_broken_down as (

    select
        segment_id,
        stack(
            3,
            'gender', gender,
            'generation', generation,
            'country_group_level', country_group_level
        ) as (breakdown, breakdown_value)
    from of_customers

),

bookings_broken_down as (

    select
        segment_id,
        customer_id,
        stack(
            4,
            'stay_type', stay_type,
            'visit_category', visit_category,
            'channel', channel,
            'status', status
        ) as (breakdown, breakdown_value)
    from of_bookings

),

-- By customer first, so that the number of guests is a number of rows.
bookings_of_guests as (

    select
        breakdown,
        breakdown_value,
        segment_id,
        customer_id,
        count(*) as counted
    from bookings_broken_down
    group by breakdown, breakdown_value, segment_id, customer_id

)

select
    breakdown,
    breakdown_value,
    segment_id,
    count(*) as guests,
    count(*) as counted
from customers_broken_down
group by breakdown, breakdown_value, segment_id
union all
select
    breakdown,
    breakdown_value,
    segment_id,
    count(*) as guests,
    sum(counted) as counted
from bookings_of_guests
group by breakdown, breakdown_value, segment_id
