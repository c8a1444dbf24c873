{#
  A raw column of the raw table `name` as text, as raw_text has it. A number that is no text is written with the
  sign of decimals that the setting <name>_numbers names, by which it is read again.
#}
{% macro raw_number_text(name, column) -%}
  {%- set text = customer_segmentation.raw_text(column) -%}
  {%- set numbers = customer_segmentation.raw_numbers(name) -%}
  {%- if customer_segmentation.number_notations(numbers)[0].decimal == '.' -%}
    {{ text }}
  {%- else -%}
    if({{ customer_segmentation.raw_is_text(column) }}, {{ text }}, replace({{ text }}, '.', ','))
  {%- endif -%}
{%- endmacro %}


{# Whether a raw column is text. #}
{% macro raw_is_text(column) -%}
  typeof({{ column }}) = 'string'
{%- endmacro %}


{#
  The setting <name>_numbers of the raw table `name`: how its numbers are written where they are text; empty where it has no
  column of numbers.
#}
{% macro raw_numbers(name) -%}
  {%- if not customer_segmentation.raw_table_entry(name).get('numbers') -%} {{ return({}) }} {%- endif -%}
  {{ return(customer_segmentation.mapping_setting(name ~ '_numbers')) }}
{%- endmacro %}
