with

customer_months as (

    select * from {{ ref('retail_customer_months') }}

),

customer_segments as (

    select * from {{ ref('retail_customer_segments') }}

),

segment_profile as (

    select * from {{ ref('retail_segment_profile') }}

),

monthly as (

    select
        customer_segments.segment_id,
        customer_months.order_month,
        count(*) as active_customers,
        sum(customer_months.orders) as orders,
        sum(customer_months.gross_revenue) as gross_revenue,
        sum(customer_months.returned_revenue) as returned_revenue,
        sum(customer_months.net_revenue) as net_revenue
    from customer_months
    inner join customer_segments on customer_months.customer_id = customer_segments.customer_id
    group by customer_segments.segment_id, customer_months.order_month

)

select
    monthly.segment_id,
    segment_profile.segment_name,
    monthly.order_month,
    monthly.active_customers,
    monthly.orders,
    cast(monthly.gross_revenue as decimal(28, 4)) as gross_revenue,
    cast(monthly.returned_revenue as decimal(28, 4)) as returned_revenue,
    cast(monthly.net_revenue as decimal(28, 4)) as net_revenue
from monthly
inner join segment_profile on monthly.segment_id = segment_profile.segment_id
