with

customer_features as (

    select * from {{ ref('retail_customer_features') }}

),

customer_segments as (

    select * from {{ ref('retail_customer_segments') }}

),

playbook as (

    select * from {{ ref('retail_segment_playbook') }}

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
        by_segment.net_revenue / nullif(all_customers.net_revenue, 0) as share_of_net_revenue,
        -- Where nobody has any days or revenue there is nothing to compare, so everybody is average.
        coalesce(by_segment.mean_days_since_last_order / nullif(all_customers.mean_days_since_last_order, 0), 1)
            as recency_ratio,
        coalesce(by_segment.mean_net_revenue / nullif(all_customers.mean_net_revenue, 0), 1) as revenue_ratio
    from by_segment
    cross join all_customers

),

-- The playbook entry of a segment is the first whose bounds hold its two ratios; an empty bound is open.
named as (

    select
        compared.segment_id,
        min_by(
            struct(playbook.segment_name, playbook.activity, playbook.value, playbook.recommended_action),
            playbook.priority
        ) as entry
    from compared
    inner join playbook
        on
            (playbook.recency_ratio_from is null or compared.recency_ratio >= playbook.recency_ratio_from)
            and (playbook.recency_ratio_to is null or compared.recency_ratio < playbook.recency_ratio_to)
            and (playbook.revenue_ratio_from is null or compared.revenue_ratio >= playbook.revenue_ratio_from)
            and (playbook.revenue_ratio_to is null or compared.revenue_ratio < playbook.revenue_ratio_to)
    group by compared.segment_id

),

-- Two segments may meet the same entry; the one with less revenue gets a number, so that names tell segments apart.
numbered as (

    select
        compared.segment_id,
        named.entry,
        row_number() over (
            partition by named.entry.segment_name order by compared.net_revenue desc, compared.segment_id asc
        ) as name_number
    from compared
    inner join named on compared.segment_id = named.segment_id

)

select
    compared.segment_id,
    concat(
        numbered.entry.segment_name,
        case when numbered.name_number > 1 then concat(' ', cast(numbered.name_number as string)) else '' end
    ) as segment_name,
    numbered.entry.activity,
    numbered.entry.value,
    numbered.entry.recommended_action,
    compared.model_id,
    compared.as_of_date,
    compared.customers,
    round(compared.share_of_customers, 6) as share_of_customers,
    compared.orders,
    cast(compared.net_revenue as decimal(28, 4)) as net_revenue,
    cast(round(compared.share_of_net_revenue, 6) as double) as share_of_net_revenue,
    round(compared.mean_days_since_last_order, 4) as mean_days_since_last_order,
    round(compared.mean_orders, 4) as mean_orders,
    round(compared.mean_net_revenue, 4) as mean_net_revenue,
    round(compared.recency_ratio, 4) as recency_ratio,
    round(compared.revenue_ratio, 4) as revenue_ratio
from compared
left join numbered on compared.segment_id = numbered.segment_id
