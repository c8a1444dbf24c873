with

customer_segments as (

    select * from {{ ref('retail_customer_segments') }}

),

segment_history as (

    select * from {{ ref('retail_segment_history') }}

),

scoring as (

    select
        max(as_of_date) as as_of_date,
        max(model_id) as model_id,
        max(previous_as_of_date) as previous_as_of_date,
        max(previous_model_id) as previous_model_id
    from customer_segments

),

-- What the previous model cannot score, as a feature of it is missing, has moved by its data.
scored as (

    select
        previous_segment_id,
        coalesce(segment_id_by_previous_model, segment_id) as segment_id_by_previous_model,
        segment_id
    from customer_segments

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

-- A stay that ended with this scoring, of a customer whom it does not have. In another scoring of the same day nobody
-- goes: who is gone on that day was so in the scoring before.
gone as (

    select
        segment_history.segment_id as previous_segment_id,
        cast(null as int) as segment_id_by_previous_model,
        cast(null as int) as segment_id,
        count(*) as customers
    from segment_history
    inner join scoring
        on segment_history.to_date = scoring.as_of_date and scoring.previous_as_of_date < scoring.as_of_date
    left anti join customer_segments on segment_history.customer_id = customer_segments.customer_id
    group by segment_history.segment_id

),

moves as (

    select
        previous_segment_id,
        segment_id_by_previous_model,
        segment_id,
        customers
    from present
    union all
    select
        previous_segment_id,
        segment_id_by_previous_model,
        segment_id,
        customers
    from gone

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
