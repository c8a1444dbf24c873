with

segment_totals as (

    select * from {{ ref('int_bookings__segment_totals') }}

),

segment_names as (

    select * from {{ ref('bookings_segment_names') }}

),

playbook as (

    select * from {{ ref('bookings_segment_playbook') }}

),

sizes as (

    select
        *,
        'customers' as breakdown,
        'all' as part
    from segment_totals

),

judged as (

    {{ hidden_cells(
        'sizes', 'breakdown', 'segment_id', 'part', 'customers', setting('bookings_smallest_group')
    ) }}

)

select
    judged.segment_id,
    segment_names.segment_name,
    segment_names.playbook_entry,
    playbook.recommended_action,
    judged.model_id,
    judged.as_of_date,
    judged.is_hidden,
    case when not judged.is_hidden then judged.customers end as customers,
    case when not judged.is_hidden then judged.bookings end as bookings,
    case when not judged.is_hidden then judged.stays end as stays,
    case when not judged.is_hidden then judged.nights end as nights,
    case when not judged.is_hidden then cast(judged.revenue as decimal(28, 4)) end as revenue,
    case when not judged.is_hidden then cast(round(judged.share_of_customers, 6) as double) end as share_of_customers,
    case when not judged.is_hidden then cast(round(judged.share_of_revenue, 6) as double) end as share_of_revenue,
    case when not judged.is_hidden then round(judged.mean_days_since_last_stay, 4) end as mean_days_since_last_stay,
    case when not judged.is_hidden then round(judged.mean_stays, 4) end as mean_stays,
    case when not judged.is_hidden then round(judged.mean_revenue, 4) end as mean_revenue,
    case when not judged.is_hidden then round(judged.mean_lead_days, 4) end as mean_lead_days,
    case when not judged.is_hidden then round(judged.mean_nights, 4) end as mean_nights,
    case when not judged.is_hidden then round(judged.mean_guests, 4) end as mean_guests,
    case when not judged.is_hidden then round(judged.business_share, 4) end as business_share,
    case when not judged.is_hidden then round(judged.weekend_share, 4) end as weekend_share,
    case when not judged.is_hidden then round(judged.mean_cancellation_rate, 4) end as mean_cancellation_rate,
    case when not judged.is_hidden then round(judged.mean_open_rate, 4) end as mean_open_rate,
    case when not judged.is_hidden then round(judged.recency_ratio, 4) end as recency_ratio,
    case when not judged.is_hidden then round(judged.lead_ratio, 4) end as lead_ratio,
    case when not judged.is_hidden then round(judged.open_ratio, 4) end as open_ratio,
    case when not judged.is_hidden then round(judged.revenue_ratio, 4) end as revenue_ratio
from judged
left join segment_names on judged.segment_id = segment_names.segment_id
left join playbook on segment_names.playbook_entry = playbook.segment_name
