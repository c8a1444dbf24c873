{# The clause that brings rows with equal values together, before most is computed of them; Sail needs none. #}
{% macro distribute_by(columns) -%}
  {{ adapter.dispatch('distribute_by', 'customer_segmentation')(columns) }}
{%- endmacro %}


{% macro default__distribute_by(columns) -%}
  distribute by {{ columns }}
{%- endmacro %}


{% macro sail__distribute_by(columns) -%}{%- endmacro %}
