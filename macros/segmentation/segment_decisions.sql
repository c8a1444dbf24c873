{#
  Which model may score: one row per decision on a model, in the order of `decided_at`. Carries on what was decided before;
  a decision is never changed. A new model is promoted or held by its gates; the setting `segmentation_decisions` decides on
  purpose.

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

newly_trained as (

    select
        segment_models.model_id,
        segment_models.trained_at as decided_at,
        if(segment_models.gates_passed, 'promoted', 'held') as decision,
        if(segment_models.gates_passed, 'No gate that holds a model back is missed.', segment_models.gates_missed)
            as reason
    from segment_models
    left anti join recorded on segment_models.model_id = recorded.model_id

)
{%- if decision %},

on_purpose as (

    select
        model_id,
        cast('{{ run_started_at }}' as timestamp) as decided_at,
        {{ customer_segmentation.string_literal(decision.decision) }} as decision,
        'Asked for on the command line.' as reason
    from segment_models
    where model_id = {{ customer_segmentation.string_literal(decision.model_id) }}

)
{%- endif %}

select * from recorded
union all
select * from newly_trained
{%- if decision %}
union all
select * from on_purpose
{%- endif %}
{%- endmacro %}
