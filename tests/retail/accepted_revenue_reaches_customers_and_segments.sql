-- The money of the accepted lines is that of the customers plus the anonymous lines, in every table on the way to BI.
-- Their customers are those of the segments, also where they spent nothing on the whole.
with

revenue_by_segment as (

    select * from {{ ref('retail_revenue_by_segment') }}

),

accepted as (

    select
        sum(line_amount) as all_money,
        sum(case when customer_id is not null then line_amount end) as customer_money,
        count(distinct customer_id) as customers
    from {{ ref('retail_order_lines') }}

),

published as (

    select
        'money of retail_customer_features' as figure,
        sum(net_revenue_lifetime) as amount
    from {{ ref('retail_customer_features') }}
    union all
    select
        'money of retail_customer_months' as figure,
        sum(net_revenue) as amount
    from {{ ref('retail_customer_months') }}
    union all
    select
        'money of retail_segment_profile' as figure,
        sum(net_revenue) as amount
    from {{ ref('retail_segment_profile') }}
    union all
    select
        'money of retail_segment_months' as figure,
        sum(net_revenue) as amount
    from {{ ref('retail_segment_months') }}
    union all
    select
        'money of the segments by country' as figure,
        sum(net_revenue) as amount
    from revenue_by_segment
    where breakdown = 'country' and segment_id != 0
    union all
    select
        'money of the segments by month' as figure,
        sum(net_revenue) as amount
    from revenue_by_segment
    where breakdown = 'month' and segment_id != 0
    union all
    select
        'all money by country' as figure,
        sum(net_revenue) as amount
    from revenue_by_segment
    where breakdown = 'country'
    union all
    select
        'all money by month' as figure,
        sum(net_revenue) as amount
    from revenue_by_segment
    where breakdown = 'month'
    union all
    select
        'customers of retail_customer_features' as figure,
        count(*) as amount
    from {{ ref('retail_customer_features') }}
    union all
    select
        'customers of retail_segment_profile' as figure,
        sum(customers) as amount
    from {{ ref('retail_segment_profile') }}

),

compared as (

    select
        published.figure,
        -- Of no rows the sum is null.
        coalesce(published.amount, 0) as published_amount,
        case
            when published.figure like 'customers %' then accepted.customers
            when published.figure like 'all money %' then coalesce(accepted.all_money, 0)
            else coalesce(accepted.customer_money, 0)
        end as accepted_amount
    from published
    cross join accepted

)

select
    figure,
    published_amount,
    accepted_amount
from compared
where published_amount != accepted_amount
