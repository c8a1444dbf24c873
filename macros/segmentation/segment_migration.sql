{#
  One row per path from the segment of the previous scoring, over what its model says of the new data, to the segment of
  the newest scoring; no rows in a first scoring.

  assigned: the segment of every entity in the newest scoring, beside that of the previous one
  history:  the stays of every entity in a segment
  key:      the column that identifies an entity
#}
{% macro segment_migration(assigned, history, key) -%}
with

assigned as (

    select * from {{ assigned }}

),

history as (

    select * from {{ history }}

),

scoring as (

    select
        max(as_of_date) as as_of_date,
        max(model_id) as model_id,
        max(previous_as_of_date) as previous_as_of_date,
        max(previous_model_id) as previous_model_id
    from assigned

),

-- What the previous model cannot score, as a feature of it is missing, has moved by its data.
scored as (

    select
        previous_segment_id,
        coalesce(segment_id_by_previous_model, segment_id) as segment_id_by_previous_model,
        segment_id
    from assigned
    where segment_id is not null

),

present as (

    select
        previous_segment_id,
        segment_id_by_previous_model,
        segment_id,
        count(*) as customers
    from scored
    group by previous_segment_id, segment_id_by_previous_model, segment_id

),

-- A stay that ended with this scoring, of an entity that it does not have or that is in no segment any more. In another scoring of the same day nobody
-- goes: who is gone on that day was so in the scoring before.
gone as (

    select
        history.segment_id as previous_segment_id,
        cast(null as int) as segment_id_by_previous_model,
        cast(null as int) as segment_id,
        count(*) as customers
    from history
    inner join scoring
        on history.to_date = scoring.as_of_date and scoring.previous_as_of_date < scoring.as_of_date
    left anti join assigned on history.{{ key }} = assigned.{{ key }} and assigned.segment_id is not null
    group by history.segment_id

),

moves as (

    select * from present
    union all
    select * from gone

)

select
    scoring.previous_as_of_date,
    scoring.as_of_date,
    scoring.previous_model_id,
    scoring.model_id,
    concat_ws(
        '>',
        coalesce(cast(moves.previous_segment_id as string), 'new'),
        coalesce(cast(moves.segment_id_by_previous_model as string), 'gone'),
        coalesce(cast(moves.segment_id as string), 'gone')
    ) as move_path,
    moves.previous_segment_id,
    moves.segment_id_by_previous_model,
    moves.segment_id,
    case
        when moves.previous_segment_id is null then 'new'
        when moves.segment_id_by_previous_model is null then 'gone'
        when moves.previous_segment_id != moves.segment_id_by_previous_model then 'moved'
        else 'stayed'
    end as customer_move,
    coalesce(moves.segment_id_by_previous_model != moves.segment_id, false) as is_model_move,
    moves.customers
from moves
cross join scoring
where scoring.previous_model_id is not null
{%- endmacro %}
