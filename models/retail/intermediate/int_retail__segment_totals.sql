{{ config(schema='internal') }}

with

customer_features as (

    select * from {{ ref('retail_customer_features') }}

),

customer_segments as (

    select * from {{ ref('retail_customer_segments') }}

),

all_customers as (

    select
        count(*) as customers,
        sum(net_revenue_lifetime) as net_revenue,
        avg(cast(days_since_last_order as double)) as mean_days_since_last_order,
        avg(cast(net_revenue_lifetime as double)) as mean_net_revenue
    from customer_features

),

by_segment as (

    select
        customer_segments.segment_id,
        max(customer_segments.model_id) as model_id,
        max(customer_segments.as_of_date) as as_of_date,
        count(*) as customers,
        sum(customer_features.orders_lifetime) as orders,
        sum(customer_features.net_revenue_lifetime) as net_revenue,
        avg(cast(customer_features.days_since_last_order as double)) as mean_days_since_last_order,
        avg(cast(customer_features.orders_lifetime as double)) as mean_orders,
        avg(cast(customer_features.net_revenue_lifetime as double)) as mean_net_revenue
    from customer_segments
    inner join customer_features on customer_segments.customer_id = customer_features.customer_id
    group by customer_segments.segment_id

),

compared as (

    select
        by_segment.segment_id,
        by_segment.model_id,
        by_segment.as_of_date,
        by_segment.customers,
        by_segment.orders,
        by_segment.net_revenue,
        by_segment.mean_days_since_last_order,
        by_segment.mean_orders,
        by_segment.mean_net_revenue,
        by_segment.customers / all_customers.customers as share_of_customers,
        cast(by_segment.net_revenue / nullif(all_customers.net_revenue, 0) as decimal(38, 6)) as share_of_net_revenue,
        -- Where all customers together have no days, or no more sales than returns, there is nothing to compare with:
        -- everybody is average.
        coalesce(by_segment.mean_days_since_last_order / nullif(all_customers.mean_days_since_last_order, 0), 1)
            as recency_ratio,
        coalesce(by_segment.mean_net_revenue / nullif(greatest(all_customers.mean_net_revenue, 0), 0), 1)
            as revenue_ratio
    from by_segment
    cross join all_customers

)

select
    segment_id,
    model_id,
    as_of_date,
    customers,
    orders,
    net_revenue,
    mean_days_since_last_order,
    mean_orders,
    mean_net_revenue,
    share_of_customers,
    share_of_net_revenue,
    recency_ratio,
    revenue_ratio
from compared
