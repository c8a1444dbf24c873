with

segment_totals as (

    select * from {{ ref('int_retail__segment_totals') }}

),

segment_names as (

    select * from {{ ref('retail_segment_names') }}

),

playbook as (

    select * from {{ ref('retail_segment_playbook') }}

)

select
    segment_totals.segment_id,
    segment_names.segment_name,
    segment_names.playbook_entry,
    playbook.activity,
    playbook.value,
    playbook.recommended_action,
    segment_totals.model_id,
    segment_totals.as_of_date,
    segment_totals.customers,
    round(segment_totals.share_of_customers, 6) as share_of_customers,
    segment_totals.orders,
    cast(segment_totals.net_revenue as decimal(28, 4)) as net_revenue,
    cast(round(segment_totals.share_of_net_revenue, 6) as double) as share_of_net_revenue,
    round(segment_totals.mean_days_since_last_order, 4) as mean_days_since_last_order,
    round(segment_totals.mean_orders, 4) as mean_orders,
    round(segment_totals.mean_net_revenue, 4) as mean_net_revenue,
    round(segment_totals.recency_ratio, 4) as recency_ratio,
    round(segment_totals.revenue_ratio, 4) as revenue_ratio
from segment_totals
left join segment_names on segment_totals.segment_id = segment_names.segment_id
left join playbook on segment_names.playbook_entry = playbook.segment_name
