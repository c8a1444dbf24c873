{#
  Which model may score: one row per decision on a model, in the order of `decided_at`. Carries on what was decided before;
  a decision is never changed. A new model is promoted or held by its gates; the setting `segmentation_decisions` decides on
  purpose. Where no model may score, the newest one is promoted whatever its gates say: there is none to go on with, and
  nobody would have a segment.

  segmentation: its name in the var
  models:       the table of trained models
#}
{% macro segment_decisions(segmentation, models) -%}
{%- set decision = customer_segmentation.mapping_setting('segmentation_decisions').get(segmentation, {}) -%}
with

segment_models as (

    select * from {{ models }}

),

recorded as (

    {{ customer_segmentation.published_rows({
        'model_id': 'string',
        'decided_at': 'timestamp',
        'decision': 'string',
        'reason': 'string',
    }) }}

),
{%- if decision %}

on_purpose as (

    select
        model_id,
        cast('{{ run_started_at }}' as timestamp) as decided_at,
        {{ customer_segmentation.string_literal(decision.decision) }} as decision,
        'Asked for on the command line.' as reason
    from segment_models
    where model_id = {{ customer_segmentation.string_literal(decision.model_id) }}

),
{%- endif %}

newly_trained as (

    select segment_models.*
    from segment_models
    left anti join recorded on segment_models.model_id = recorded.model_id

),

may_score as (

    select model_id from newly_trained where gates_passed
    union all
    select model_id from recorded where decision != 'held'
    {%- if decision %}
    union all
    select model_id from on_purpose
    {%- endif %}

),

newest as (

    select max(struct(trained_at, model_id, gates_missed)) as newest from segment_models

),

last_decision as (

    select max(decided_at) as decided_at from recorded

),

for_want_of_another as (

    select
        newest.newest.model_id,
        -- After every decision on record, and the same in each build.
        greatest(newest.newest.trained_at, last_decision.decided_at + interval 1 second) as decided_at,
        'promoted' as decision,
        concat(
            'It misses a gate that holds a model back, but no other model may score. ',
            newest.newest.gates_missed,
            ' What else is weak about it: segmentation models show {{ segmentation }} ',
            newest.newest.model_id
        ) as reason
    from newest
    cross join last_decision
    left anti join may_score on true
    where newest.newest is not null

),

by_their_gates as (

    select
        newly_trained.model_id,
        newly_trained.trained_at as decided_at,
        if(newly_trained.gates_passed, 'promoted', 'held') as decision,
        if(
            newly_trained.gates_passed,
            'No gate that holds a model back is missed.',
            concat(
                newly_trained.gates_missed,
                ' To let it score all the same: segmentation models promote {{ segmentation }} ',
                newly_trained.model_id
            )
        ) as reason
    from newly_trained
    left anti join for_want_of_another on newly_trained.model_id = for_want_of_another.model_id

)

select * from recorded
union all
select * from by_their_gates
union all
select * from for_want_of_another
{%- if decision %}
union all
select * from on_purpose
{%- endif %}
{%- endmacro %}
