{#
  One row per segment, scored today or retired: what it is called, which entry of the playbook it meets today, and why it
  has its name. Carries its own rows on: a segment keeps the name that it was first given for as long as its id lives, and
  a name once used is not given to another id. The setting `segmentation_renames` names the segments of today anew.

  A new segment gets the name of the first playbook entry, by `priority`, whose bounds hold its measures; an empty bound is
  open. Or it is named after what marks it, which another table says. Without either, and where no entry is met or nothing
  marks it, segment 3 is called 'Segment 3'.

  segmentation: its name in the vars
  assigned:     the segment of every entity in the newest scoring
  totals:       one row per segment with a column for each of `measures`; none without a playbook
  playbook:     one row per entry: priority, segment_name, and for each measure <measure>_from and <measure>_to
  measures:     the columns that the bounds are of
  first:        of two new segments of one name, the one that gets it without a number: an order of totals or marks
  marks:        instead of totals and a playbook: one row per segment with marked_by, in words, null where nothing does
#}
{% macro segment_names(
    segmentation, assigned, totals=none, playbook=none, measures=[], first='segment_id', marks=none
) -%}
{%- set named_by, words, today = 'playbook_entry', 'the playbook entry ', '; it meets ' -%}
{%- if marks %}{% set named_by, words, today = 'marked_by', '', '; it is marked by ' %}{% endif -%}
{%- set renamed = segmentation in customer_segmentation.list_setting('segmentation_renames') -%}
with

assigned as (

    select * from {{ assigned }}

),

scored as (

    select
        segment_id,
        max(model_id) as model_id,
        max(as_of_date) as as_of_date
    from assigned
    where segment_id is not null
    group by segment_id

),
{%- if marks %}

marks as (

    select * from {{ marks }}

),

ranked as (

    select
        segment_id,
        marked_by,
        row_number() over (order by {{ first }}, segment_id asc) as naming_order
    from marks

),

segments as (

    select
        scored.segment_id,
        scored.model_id,
        scored.as_of_date,
        ranked.marked_by,
        ranked.naming_order
    from scored
    left join ranked on scored.segment_id = ranked.segment_id

),
{%- elif playbook %}

totals as (

    select * from {{ totals }}

),

playbook as (

    select * from {{ playbook }}

),

entries as (

    select
        totals.segment_id,
        min_by(playbook.segment_name, playbook.priority) as playbook_entry
    from totals
    inner join playbook
        on
            {%- for measure in measures %}
            {% if not loop.first %}and {% endif -%}
            (playbook.{{ measure }}_from is null or totals.{{ measure }} >= playbook.{{ measure }}_from)
            and (playbook.{{ measure }}_to is null or totals.{{ measure }} < playbook.{{ measure }}_to)
            {%- endfor %}
    group by totals.segment_id

),

ranked as (

    select
        segment_id,
        row_number() over (order by {{ first }}, segment_id asc) as naming_order
    from totals

),

segments as (

    select
        scored.segment_id,
        scored.model_id,
        scored.as_of_date,
        entries.playbook_entry,
        ranked.naming_order
    from scored
    left join entries on scored.segment_id = entries.segment_id
    left join ranked on scored.segment_id = ranked.segment_id

),
{%- else %}

segments as (

    select
        *,
        cast(null as string) as playbook_entry,
        cast(null as int) as naming_order
    from scored

),
{%- endif %}

published as (

    {{ customer_segmentation.published_rows({
        'segment_id': 'int',
        'segment_name': 'string',
        'named_after': 'string',
        'model_id': 'string',
        'as_of_date': 'date',
    }) }}

),

recorded as (

    select published.*
    from published
    left join segments on published.segment_id = segments.segment_id
    where segments.segment_id is null or not {{ renamed | lower }}

),

unnamed as (

    select
        segments.*,
        coalesce(
            if(segments.segment_id = -1, 'Noise', segments.{{ named_by }}),
            concat('Segment ', cast(segments.segment_id as string))
        ) as named_after
    from segments
    left anti join recorded on segments.segment_id = recorded.segment_id

),

names_given as (

    select
        named_after,
        count(*) as times_given
    from recorded
    group by named_after

),

-- Two segments may meet the same entry; the later one gets a number, so that names tell segments apart.
numbered as (

    select
        unnamed.segment_id,
        unnamed.named_after,
        unnamed.model_id,
        unnamed.as_of_date,
        coalesce(names_given.times_given, 0) + row_number() over (
            partition by unnamed.named_after order by unnamed.naming_order asc, unnamed.segment_id asc
        ) as name_number
    from unnamed
    left join names_given on unnamed.named_after = names_given.named_after

),

named as (

    select
        segment_id,
        segment_name,
        named_after,
        model_id,
        as_of_date
    from recorded
    union all
    select
        segment_id,
        concat_ws(' ', named_after, if(name_number > 1, cast(name_number as string), null)) as segment_name,
        named_after,
        model_id,
        as_of_date
    from numbered

)

select
    named.segment_id,
    named.segment_name,
    named.named_after,
    segments.{{ named_by }},
    concat(
        'Named ',
        case
            when named.segment_id = -1 then 'as the customers in no segment'
            when named.named_after = concat('Segment ', cast(named.segment_id as string)) then 'by its number'
            else concat('after {{ words }}', named.named_after)
        end,
        ' as of ', cast(named.as_of_date as string),
        case
            when segments.segment_id is null then '; it is in no scoring of today'
            when segments.{{ named_by }} is null or segments.{{ named_by }} = named.named_after then ''
            else concat('{{ today }}', segments.{{ named_by }}, ' today')
        end,
        '.'
    ) as name_reason,
    named.model_id,
    named.as_of_date
from named
left join segments on named.segment_id = segments.segment_id
{%- endmacro %}
