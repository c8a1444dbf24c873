-- The money of the accepted lines is that of the customers plus the anonymous lines, in every table on the way to BI.
with

accepted as (

    select
        coalesce(sum(line_amount), 0) as all_money,
        coalesce(sum(case when customer_id is not null then line_amount end), 0) as customer_money
    from {{ ref('retail_order_lines') }}

),

published as (

    select
        'retail_customer_features' as published_in,
        'customer' as part,
        sum(net_revenue_lifetime) as money
    from {{ ref('retail_customer_features') }}
    union all
    select
        'retail_customer_months' as published_in,
        'customer' as part,
        sum(net_revenue) as money
    from {{ ref('retail_customer_months') }}
    union all
    select
        'retail_segment_profile' as published_in,
        'customer' as part,
        sum(net_revenue) as money
    from {{ ref('retail_segment_profile') }}
    union all
    select
        'retail_segment_months' as published_in,
        'customer' as part,
        sum(net_revenue) as money
    from {{ ref('retail_segment_months') }}
    union all
    select
        concat('retail_revenue_by_segment by ', breakdown) as published_in,
        'all' as part,
        sum(net_revenue) as money
    from {{ ref('retail_revenue_by_segment') }}
    group by breakdown
    union all
    select
        concat('retail_revenue_by_segment by ', breakdown, ', named segments') as published_in,
        'customer' as part,
        sum(net_revenue) as money
    from {{ ref('retail_revenue_by_segment') }}
    where segment_id != 0
    group by breakdown

)

select
    published.published_in,
    published.money as published_money,
    accepted.customer_money,
    accepted.all_money
from published
cross join accepted
where published.money != if(published.part = 'all', accepted.all_money, accepted.customer_money)
