with

segment_totals as (

    select * from {{ ref('int_retail__segment_totals') }}

),

playbook as (

    select * from {{ ref('retail_segment_playbook') }}

),

-- The playbook entry of a segment is the first whose bounds hold its two ratios; an empty bound is open.
entries as (

    select
        segment_totals.segment_id,
        min_by(
            struct(playbook.segment_name, playbook.activity, playbook.value, playbook.recommended_action),
            playbook.priority
        ) as entry
    from segment_totals
    inner join playbook
        on
            (playbook.recency_ratio_from is null or segment_totals.recency_ratio >= playbook.recency_ratio_from)
            and (playbook.recency_ratio_to is null or segment_totals.recency_ratio < playbook.recency_ratio_to)
            and (playbook.revenue_ratio_from is null or segment_totals.revenue_ratio >= playbook.revenue_ratio_from)
            and (playbook.revenue_ratio_to is null or segment_totals.revenue_ratio < playbook.revenue_ratio_to)
    group by segment_totals.segment_id

)

select
    segment_totals.segment_id,
    if(segment_totals.segment_id = -1, 'Noise', entries.entry.segment_name) as playbook_name,
    entries.entry.activity,
    entries.entry.value,
    entries.entry.recommended_action,
    segment_totals.net_revenue,
    segment_totals.model_id,
    segment_totals.as_of_date
from segment_totals
inner join entries on segment_totals.segment_id = entries.segment_id
