with

totals as (

    select * from {{ ref('int_bookings__mix_totals') }}

),

segment_names as (

    select * from {{ ref('bookings_segment_names') }}

),

judged as (

    {{ hidden_cells(
        'totals', 'breakdown', 'breakdown_value', 'segment_id', 'guests', setting('bookings_smallest_group'),
        measures=['counted']
    ) }}

),

compared as (

    select
        *,
        sum(counted) over (partition by breakdown, segment_id) as of_segment,
        sum(counted) over (partition by breakdown, breakdown_value) as of_value,
        sum(counted) over (partition by breakdown) as of_all
    from judged

),

measured as (

    select
        *,
        {{ ratio('counted', 'of_segment') }} as share_of_segment,
        {{ ratio('of_value', 'of_all') }} as share_of_all,
        {{ wilson_bound('counted', 'of_segment', 'lower') }} as share_lower,
        {{ wilson_bound('counted', 'of_segment', 'upper') }} as share_upper,
        {{ shares_differ('counted', 'of_segment', '(of_value - counted)', '(of_all - of_segment)') }}
            as is_more_than_chance
    from compared

)

select
    measured.breakdown,
    measured.breakdown_value,
    measured.segment_id,
    coalesce(segment_names.segment_name, concat('Segment ', cast(measured.segment_id as string))) as segment_name,
    case
        when measured.breakdown in ('gender', 'generation', 'country_group_level') then 'customers'
        else 'bookings'
    end as counted_of,
    measured.is_hidden,
    case when not measured.is_hidden then measured.guests end as guests,
    case when not measured.is_hidden then measured.counted end as counted,
    case when not measured.is_hidden then round(measured.share_of_segment, 6) end as share_of_segment,
    case when not measured.is_hidden then round(measured.share_lower, 6) end as share_lower,
    case when not measured.is_hidden then round(measured.share_upper, 6) end as share_upper,
    case when not measured.is_total_hidden then round(measured.share_of_all, 6) end as share_of_all,
    case
        when not measured.is_total_hidden
            then round(100 * {{ ratio('measured.share_of_segment', 'measured.share_of_all') }}, 2)
    end as index_to_all,
    case when not measured.is_total_hidden then coalesce(measured.is_more_than_chance, false) end as is_more_than_chance
from measured
left join segment_names on measured.segment_id = segment_names.segment_id
