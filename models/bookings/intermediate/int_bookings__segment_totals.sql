{{ config(schema='internal') }}

with

customer_features as (

    select * from {{ ref('bookings_customer_features') }}

),

customer_segments as (

    select * from {{ ref('bookings_customer_segments') }}

),

all_customers as (

    select
        count(*) as customers,
        sum(revenue_lifetime) as revenue,
        avg(cast(days_since_last_stay as double)) as mean_days_since_last_stay,
        avg(average_lead_days) as mean_lead_days,
        avg(open_rate) as mean_open_rate,
        avg(cast(revenue_lifetime as double)) as mean_revenue
    from customer_features

),

by_segment as (

    select
        customer_segments.segment_id,
        max(customer_segments.model_id) as model_id,
        max(customer_segments.as_of_date) as as_of_date,
        count(*) as customers,
        sum(customer_features.stays_lifetime) as stays,
        sum(customer_features.bookings_lifetime) as bookings,
        sum(customer_features.nights_lifetime) as nights,
        sum(customer_features.revenue_lifetime) as revenue,
        avg(cast(customer_features.days_since_last_stay as double)) as mean_days_since_last_stay,
        avg(cast(customer_features.stays_lifetime as double)) as mean_stays,
        avg(cast(customer_features.revenue_lifetime as double)) as mean_revenue,
        avg(customer_features.average_lead_days) as mean_lead_days,
        avg(customer_features.average_nights) as mean_nights,
        avg(customer_features.average_guests) as mean_guests,
        avg(customer_features.share_of_business_visits) as business_share,
        avg(customer_features.share_of_weekend_stays) as weekend_share,
        avg(customer_features.cancellation_rate) as mean_cancellation_rate,
        avg(customer_features.open_rate) as mean_open_rate
    from customer_segments
    inner join customer_features on customer_segments.customer_id = customer_features.customer_id
    group by customer_segments.segment_id

)

-- Where all customers together have none of a measure there is nothing to compare with: everybody is average.
select
    by_segment.segment_id,
    by_segment.model_id,
    by_segment.as_of_date,
    by_segment.customers,
    by_segment.stays,
    by_segment.bookings,
    by_segment.nights,
    by_segment.revenue,
    by_segment.mean_days_since_last_stay,
    by_segment.mean_stays,
    by_segment.mean_revenue,
    by_segment.mean_lead_days,
    by_segment.mean_nights,
    by_segment.mean_guests,
    by_segment.business_share,
    by_segment.weekend_share,
    by_segment.mean_cancellation_rate,
    by_segment.mean_open_rate,
    by_segment.customers / all_customers.customers as share_of_customers,
    cast(by_segment.revenue / nullif(all_customers.revenue, 0) as decimal(38, 6)) as share_of_revenue,
    {{ ratio('by_segment.mean_days_since_last_stay', 'all_customers.mean_days_since_last_stay', 1) }} as recency_ratio,
    {{ ratio('by_segment.mean_lead_days', 'all_customers.mean_lead_days', 1) }} as lead_ratio,
    {{ ratio('by_segment.mean_open_rate', 'all_customers.mean_open_rate', 1) }} as open_ratio,
    {{ ratio('by_segment.mean_revenue', 'greatest(all_customers.mean_revenue, 0)', 1) }} as revenue_ratio
from by_segment
cross join all_customers
