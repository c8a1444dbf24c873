{#
  One row per entity and stay in a segment. Carries its own rows on: a scoring ends the stays of entities that left, and
  begins new ones; an entity in no segment has no stay. What was recorded for the day of the scoring or a later one is replaced, so that a day scored twice
  counts once. A stay that ended more than `segmentation_history_months` before the scoring is forgotten.

  assigned: the segment of every entity in the newest scoring
  key:      the column that identifies an entity
#}
{% macro segment_history(assigned, key) -%}
with

assigned as (

    select * from {{ assigned }}

),

recorded as (

    {{ customer_segmentation.published_rows({
        key: none,
        'segment_id': 'int',
        'from_date': 'date',
        'to_date': 'date',
        'model_id': 'string',
    }, like='assigned') }}

),

scoring as (

    select max(as_of_date) as as_of_date from assigned

),

stays_before as (

    select
        recorded.{{ key }},
        recorded.segment_id,
        recorded.from_date,
        case when recorded.to_date < scoring.as_of_date then recorded.to_date end as to_date,
        recorded.model_id
    from recorded
    cross join scoring
    where
        recorded.from_date < scoring.as_of_date
        {%- set months = customer_segmentation.setting('segmentation_history_months') %}
        {%- if months | int > 0 %}
        and (recorded.to_date is null or recorded.to_date >= add_months(scoring.as_of_date, -{{ months | int }}))
        {%- endif %}

),

carried_on as (

    select
        stays_before.{{ key }},
        stays_before.segment_id,
        stays_before.from_date,
        case
            when stays_before.to_date is not null then stays_before.to_date
            when assigned.segment_id = stays_before.segment_id then null
            else scoring.as_of_date
        end as to_date,
        stays_before.model_id
    from stays_before
    cross join scoring
    left join assigned on stays_before.{{ key }} = assigned.{{ key }}

),

begun as (

    select
        assigned.{{ key }},
        assigned.segment_id,
        assigned.as_of_date as from_date,
        cast(null as date) as to_date,
        assigned.model_id
    from assigned
    left anti join stays_before
        on
            assigned.{{ key }} = stays_before.{{ key }}
            and assigned.segment_id = stays_before.segment_id
            and stays_before.to_date is null
    where assigned.segment_id is not null

)

select * from carried_on
union all
select * from begun
{%- endmacro %}
