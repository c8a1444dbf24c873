{# The day this dbt run started, as yyyy-mm-dd. Only for judging raw dates; features are relative to the as-of date. #}
{% macro run_date() -%}
  {{ return(run_started_at.strftime('%Y-%m-%d')) }}
{%- endmacro %}
