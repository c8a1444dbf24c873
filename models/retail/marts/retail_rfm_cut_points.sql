with

customer_features as (

    select * from {{ ref('retail_customer_features') }}

),

measure_cut_points as (

    select
        'recency' as measure,
        {{ rfm_cut_points('recency', 'days_since_last_order', 'retail_rfm_cut_points') }} as cut_points
    from customer_features
    union all
    select
        'frequency' as measure,
        {{ rfm_cut_points('frequency', 'orders_lifetime', 'retail_rfm_cut_points') }} as cut_points
    from customer_features
    union all
    select
        'monetary' as measure,
        {{ rfm_cut_points('monetary', 'net_revenue_lifetime', 'retail_rfm_cut_points') }} as cut_points
    from customer_features

)

select
    measure,
    cut_points[0] as cut_point_1,
    cut_points[1] as cut_point_2,
    cut_points[2] as cut_point_3,
    cut_points[3] as cut_point_4
from measure_cut_points
