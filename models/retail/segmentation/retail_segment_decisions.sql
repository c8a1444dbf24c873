-- Carries on what was decided before; a decision is never changed.
with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

recorded as (

    {{ published_rows({
        'model_id': 'string',
        'decided_at': 'timestamp',
        'decision': 'string',
        'reason': 'string',
    }) }}

),

newly_trained as (

    select
        segment_models.model_id,
        segment_models.trained_at as decided_at,
        if(segment_models.gates_passed, 'promoted', 'held') as decision,
        if(segment_models.gates_passed, 'No gate that holds a model back is missed.', segment_models.gates_missed)
            as reason
    from segment_models
    left anti join recorded on segment_models.model_id = recorded.model_id

),

on_purpose as (

    select
        segment_models.model_id,
        cast('{{ run_started_at }}' as timestamp) as decided_at,
        {{ string_literal(var('retail_decision')) }} as decision,
        'Asked for on the command line.' as reason
    from segment_models
    where segment_models.model_id = {{ string_literal(var('retail_decided_model')) }}

)

select
    model_id,
    decided_at,
    decision,
    reason
from recorded
union all
select
    model_id,
    decided_at,
    decision,
    reason
from newly_trained
union all
select
    model_id,
    decided_at,
    decision,
    reason
from on_purpose
