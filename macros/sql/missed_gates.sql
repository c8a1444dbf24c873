{#
  The gates of one severity that the newest model of a domain misses: one row each, with value, bound and meaning.

  severity: 'warn' or 'error'
#}
{% macro missed_gates(domain, severity) -%}
with

newest as (

    select max_by(model_id, struct(trained_at, model_id)) as model_id
    from {{ ref(domain ~ '_segment_models') }}

)

select
    segment_quality.model_id,
    segment_quality.measure,
    segment_quality.value,
    segment_quality.bound,
    segment_quality.meaning
from {{ ref(domain ~ '_segment_quality') }} as segment_quality
inner join newest on segment_quality.model_id = newest.model_id
where not segment_quality.passed and segment_quality.severity = '{{ severity }}'
{%- endmacro %}
