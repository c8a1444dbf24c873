-- Carries its own rows on: a segment keeps the name that it was first given for as long as its id lives, and a name
-- once used is not given to another id. The var retail_rename_segments names the segments of today anew.
with

playbook_entries as (

    select * from {{ ref('retail_segment_playbook_entries') }}

),

published as (

    {{ published_rows({
        'segment_id': 'int',
        'segment_name': 'string',
        'playbook_name': 'string',
        'model_id': 'string',
        'as_of_date': 'date',
    }) }}

),

recorded as (

    select
        published.segment_id,
        published.segment_name,
        published.playbook_name,
        published.model_id,
        published.as_of_date
    from published
    left join playbook_entries on published.segment_id = playbook_entries.segment_id
    where playbook_entries.segment_id is null or not {{ var('retail_rename_segments') }}

),

names_given as (

    select
        playbook_name,
        count(*) as times_given
    from recorded
    group by playbook_name

),

unnamed as (

    select
        playbook_entries.segment_id,
        playbook_entries.playbook_name,
        playbook_entries.net_revenue,
        playbook_entries.model_id,
        playbook_entries.as_of_date
    from playbook_entries
    left anti join recorded on playbook_entries.segment_id = recorded.segment_id

),

-- Two segments may meet the same entry; the one with less revenue gets a number, so that names tell segments apart.
numbered as (

    select
        unnamed.segment_id,
        unnamed.playbook_name,
        unnamed.model_id,
        unnamed.as_of_date,
        coalesce(names_given.times_given, 0) + row_number() over (
            partition by unnamed.playbook_name order by unnamed.net_revenue desc, unnamed.segment_id asc
        ) as name_number
    from unnamed
    left join names_given on unnamed.playbook_name = names_given.playbook_name

)

select
    segment_id,
    segment_name,
    playbook_name,
    model_id,
    as_of_date
from recorded
union all
select
    segment_id,
    concat(
        playbook_name,
        case when name_number > 1 then concat(' ', cast(name_number as string)) else '' end
    ) as segment_name,
    playbook_name,
    model_id,
    as_of_date
from numbered
