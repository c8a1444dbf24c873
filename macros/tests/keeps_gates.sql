{#
  On a table of trained models: the newest model keeps its gates of one severity. Fails with one row per gate that it
  misses, and says in the log of a build which one, who is concerned and what to do. A gate of severity error counts as one
  that warns where the model was let score all the same. A leaf of the build, as nothing follows `segmentation_decisions`; a
  build of that view alone runs it also where the table was never built, a build of one domain alone where the view never
  was, and then there is nothing to fail.

  gates: 'warn' or 'error'
#}
{% test keeps_gates(model, gates) %}

{%- set segmentation = (model.identifier or '') | replace('_segment_models', '') -%}
{%- set missed -%}
with

newest as (

    select max_by(struct(model_id, quality), struct(trained_at, model_id)) as newest from {{ model }}

),

measures as (

    select
        newest.model_id,
        inline(newest.quality)
    from newest

),

decisions as (

    select
        model_id,
        bool_or(decision != 'held') as may_score
    from {{ ref('customer_segmentation', 'segmentation_decisions') }}
    where segmentation = '{{ segmentation }}'
    group by model_id

)

select
    measures.model_id,
    measures.measure,
    measures.value,
    measures.bound,
    measures.severity,
    measures.meaning
from measures
left join decisions on measures.model_id = decisions.model_id
where
    not measures.passed
    and if(measures.severity = 'error' and not coalesce(decisions.may_score, false), 'error', 'warn') = '{{ gates }}'
{%- endset -%}

{%- if not execute or flags.WHICH not in ('build', 'test') -%}
{{ missed }}
{%- elif load_relation(model) is none -%}
select model_id from {{ ref('customer_segmentation', 'segmentation_decisions') }} where false
{%- elif load_relation(ref('customer_segmentation', 'segmentation_decisions')) is none -%}
{%- do log(
    'The gates of ' ~ segmentation ~ ' are tested once segmentation_decisions is built: dbt build --select registry',
    info=true
) -%}
select model_id from {{ model }} where false
{%- else -%}
  {%- for row in run_query(missed).rows -%}
    {%- do log(customer_segmentation.missed_gate(segmentation, row, gates), info=true) -%}
  {%- endfor -%}
{{ missed }}
{%- endif %}

{% endtest %}


{#
  What a build says of a gate that the newest model misses.

  segmentation: its name in the var
  row:          a row of the test
  gates:        as of the test: 'error' where the model is held back
#}
{% macro missed_gate(segmentation, row, gates) -%}
  {%- set named = segmentation ~ ' ' ~ row['model_id'] -%}
  {%- if gates == 'error' -%}
    {%- set outcome = 'is held back, and the one before goes on scoring' -%}
    {%- set advice = 'To let it score all the same: segmentation models promote ' ~ named ~ ' && dbt build' -%}
  {%- elif row['severity'] == 'error' -%}
    {%- set outcome = 'scores, although it misses a gate that holds a model back' -%}
    {%- set advice = 'What else is weak about it: segmentation models show ' ~ named -%}
  {%- else -%}
    {%- set outcome = 'misses a gate that warns' -%}
    {%- set advice = 'All measures: segmentation models show ' ~ named -%}
  {%- endif -%}
  {%- set model_of = 'Model ' ~ row['model_id'] ~ ' of ' ~ segmentation -%}
  {{ return(model_of ~ ' ' ~ outcome ~ '. ' ~ row['meaning'] ~ ' ' ~ advice) }}
{%- endmacro %}
