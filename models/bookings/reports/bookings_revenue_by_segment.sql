with

totals as (

    select * from {{ ref('int_bookings__revenue_totals') }}

),

segment_names as (

    select * from {{ ref('bookings_segment_names') }}

),

judged as (

    {{ hidden_cells(
        'totals', 'breakdown', 'breakdown_value', 'segment_id', 'guests', setting('bookings_smallest_group'),
        measures=['bookings', 'stays', 'cancelled_bookings', 'no_show_bookings', 'nights', 'revenue', 'lost_revenue']
    ) }}

),

compared as (

    select
        *,
        sum(revenue) over (partition by breakdown, segment_id) as segment_revenue,
        sum(revenue) over (partition by breakdown, breakdown_value) as value_revenue,
        sum(revenue) over (partition by breakdown) as total_revenue,
        max(revenue) over (partition by breakdown, segment_id) as segment_peak
    from judged

)

select
    compared.breakdown,
    compared.breakdown_value,
    compared.segment_id,
    coalesce(segment_names.segment_name, 'No segment') as segment_name,
    compared.is_hidden,
    {% for column in ['guests', 'bookings', 'stays', 'cancelled_bookings', 'no_show_bookings', 'nights'] -%}
    case when not compared.is_hidden then compared.{{ column }} end as {{ column }},
    {% endfor -%}
    case when not compared.is_hidden then cast(compared.revenue as decimal(28, 4)) end as revenue,
    case when not compared.is_hidden then cast(compared.lost_revenue as decimal(28, 4)) end as lost_revenue,
    case when not compared.is_total_hidden then cast(compared.value_revenue as decimal(28, 4)) end as value_revenue,
    case when not compared.is_hidden then round({{ ratio('compared.cancelled_bookings', 'compared.bookings') }}, 6) end
        as cancellation_rate,
    case when not compared.is_hidden then round({{ ratio('compared.revenue', 'compared.segment_revenue') }}, 6) end
        as share_of_segment,
    case when not compared.is_total_hidden then round({{ ratio('compared.revenue', 'compared.value_revenue') }}, 6) end
        as share_of_value,
    case when not compared.is_hidden then round({{ ratio('compared.revenue', 'compared.total_revenue') }}, 6) end
        as share_of_total,
    case
        when not compared.is_hidden
            then compared.breakdown = 'month' and compared.revenue = compared.segment_peak and compared.revenue > 0
    end as is_peak_month_of_segment,
    compared.breakdown = 'month'
    and compared.value_revenue = max(compared.value_revenue) over (partition by compared.breakdown)
        as is_peak_month
from compared
left join segment_names on compared.segment_id = segment_names.segment_id
