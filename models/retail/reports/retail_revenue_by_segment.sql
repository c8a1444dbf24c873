with

order_lines as (

    select * from {{ ref('retail_order_lines') }}

),

customer_segments as (

    select * from {{ ref('retail_customer_segments') }}

),

segment_profile as (

    select * from {{ ref('retail_segment_profile') }}

),

customer_revenue as (

    select
        customer_id,
        coalesce(country, 'Unknown') as country,
        cast(date_trunc('month', order_date) as date) as order_month,
        sum(line_amount) as net_revenue
    from order_lines
    group by customer_id, coalesce(country, 'Unknown'), cast(date_trunc('month', order_date) as date)

),

-- Lines without a customer stay in the total, as segment 0.
segment_revenue as (

    select
        coalesce(customer_segments.segment_id, 0) as segment_id,
        customer_revenue.country,
        customer_revenue.order_month,
        sum(customer_revenue.net_revenue) as net_revenue
    from customer_revenue
    left join customer_segments on customer_revenue.customer_id = customer_segments.customer_id
    group by coalesce(customer_segments.segment_id, 0), customer_revenue.country, customer_revenue.order_month

),

countries as (

    select
        country,
        row_number() over (order by sum(net_revenue) desc, country asc) as revenue_rank
    from segment_revenue
    group by country

),

broken_down as (

    select
        'country' as breakdown,
        {{ top_or_other('segment_revenue.country', 'countries.revenue_rank', setting('retail_top_countries')) }}
            as breakdown_value,
        segment_revenue.segment_id,
        segment_revenue.net_revenue
    from segment_revenue
    inner join countries on segment_revenue.country = countries.country
    union all
    select
        'month' as breakdown,
        date_format(order_month, 'yyyy-MM') as breakdown_value,
        segment_id,
        net_revenue
    from segment_revenue

),

totalled as (

    select
        breakdown,
        breakdown_value,
        segment_id,
        sum(net_revenue) as net_revenue
    from broken_down
    group by breakdown, breakdown_value, segment_id

),

compared as (

    select
        breakdown,
        breakdown_value,
        segment_id,
        net_revenue,
        sum(net_revenue) over (partition by breakdown, segment_id) as segment_net_revenue,
        sum(net_revenue) over (partition by breakdown, breakdown_value) as value_net_revenue,
        sum(net_revenue) over (partition by breakdown) as total_net_revenue,
        max(net_revenue) over (partition by breakdown, segment_id) as segment_peak
    from totalled

)

select
    compared.breakdown,
    compared.breakdown_value,
    compared.segment_id,
    coalesce(segment_profile.segment_name, 'Anonymous') as segment_name,
    cast(compared.net_revenue as decimal(28, 4)) as net_revenue,
    cast(compared.value_net_revenue as decimal(28, 4)) as value_net_revenue,
    cast(round(compared.net_revenue / nullif(compared.segment_net_revenue, 0), 6) as double) as share_of_segment,
    cast(round(compared.net_revenue / nullif(compared.value_net_revenue, 0), 6) as double) as share_of_value,
    cast(round(compared.net_revenue / nullif(compared.total_net_revenue, 0), 6) as double) as share_of_total,
    compared.breakdown = 'month' and compared.net_revenue = compared.segment_peak as is_peak_month_of_segment,
    compared.breakdown = 'month'
    and compared.value_net_revenue = max(compared.value_net_revenue) over (partition by compared.breakdown)
        as is_peak_month
from compared
left join segment_profile on compared.segment_id = segment_profile.segment_id
