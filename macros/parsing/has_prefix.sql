{# Whether a text column starts with `prefix`; an empty prefix matches nothing. #}
{% macro has_prefix(column, prefix) -%}
  {{ adapter.dispatch('has_prefix', 'customer_segmentation')(column, prefix) }}
{%- endmacro %}


{% macro default__has_prefix(column, prefix) -%}
  {%- if prefix -%}
    startswith({{ column }}, {{ customer_segmentation.string_literal(prefix) }})
  {%- else -%}
    false
  {%- endif -%}
{%- endmacro %}
