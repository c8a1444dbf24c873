{#
  On a table of trained models: the newest model keeps its gates of one severity. Fails with one row per gate that it
  misses: its value, bound and meaning. A gate of severity error holds the model back from scoring.

  gates: 'warn' or 'error'
#}
{% test keeps_gates(model, gates) %}

with

newest as (

    select max_by(struct(model_id, quality), struct(trained_at, model_id)) as newest from {{ model }}

),

measures as (

    select
        newest.model_id,
        inline(newest.quality)
    from newest

)

select
    model_id,
    measure,
    value,
    bound,
    meaning
from measures
where not passed and severity = '{{ gates }}'

{% endtest %}
