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
        'customers' as breakdown,
        'all' as part,
        segment_id,
        customers
    from segment_totals

),

judged as (

    {{ hidden_cells('sizes', 'breakdown', 'segment_id', 'part', 'customers', setting('bookings_smallest_group')) }}

)

select
    segment_totals.segment_id,
    segment_names.segment_name,
    segment_names.playbook_entry,
    playbook.recommended_action,
    segment_totals.model_id,
    segment_totals.as_of_date,
    judged.is_hidden,
    case when not judged.is_hidden then segment_totals.customers end as customers,
    case when not judged.is_hidden then segment_totals.bookings end as bookings,
    case when not judged.is_hidden then segment_totals.stays end as stays,
    case when not judged.is_hidden then segment_totals.nights end as nights,
    case when not judged.is_hidden then cast(segment_totals.revenue as decimal(28, 4)) end as revenue,
    case when not judged.is_hidden then cast(round(segment_totals.share_of_customers, 6) as double) end
        as share_of_customers,
    case when not judged.is_hidden then cast(round(segment_totals.share_of_revenue, 6) as double) end
        as share_of_revenue,
    case when not judged.is_hidden then round(segment_totals.mean_days_since_last_stay, 4) end
        as mean_days_since_last_stay,
    case when not judged.is_hidden then round(segment_totals.mean_stays, 4) end as mean_stays,
    case when not judged.is_hidden then round(segment_totals.mean_revenue, 4) end as mean_revenue,
    case when not judged.is_hidden then round(segment_totals.mean_lead_days, 4) end as mean_lead_days,
    case when not judged.is_hidden then round(segment_totals.mean_nights, 4) end as mean_nights,
    case when not judged.is_hidden then round(segment_totals.mean_guests, 4) end as mean_guests,
    case when not judged.is_hidden then round(segment_totals.business_share, 4) end as business_share,
    case when not judged.is_hidden then round(segment_totals.weekend_share, 4) end as weekend_share,
    case when not judged.is_hidden then round(segment_totals.mean_cancellation_rate, 4) end
        as mean_cancellation_rate,
    case when not judged.is_hidden then round(segment_totals.mean_open_rate, 4) end as mean_open_rate,
    case when not judged.is_hidden then round(segment_totals.recency_ratio, 4) end as recency_ratio,
    case when not judged.is_hidden then round(segment_totals.lead_ratio, 4) end as lead_ratio,
    case when not judged.is_hidden then round(segment_totals.open_ratio, 4) end as open_ratio,
    case when not judged.is_hidden then round(segment_totals.revenue_ratio, 4) end as revenue_ratio
from segment_totals
inner join judged on segment_totals.segment_id = judged.segment_id
left join segment_names on segment_totals.segment_id = segment_names.segment_id
left join playbook on segment_names.playbook_entry = playbook.segment_name
