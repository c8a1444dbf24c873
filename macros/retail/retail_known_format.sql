{# The settings of the known format that retail_format names; the shipped sample has the conventions of `uci`. #}
{% macro retail_known_format() -%}
  {%- set is_sample = var('retail_order_lines_source', '') == '' -%}
  {%- set format = var('retail_format', '') or ('uci' if is_sample else '') -%}
  {{ return(customer_segmentation.retail_formats().get(format | string, {})) }}
{%- endmacro %}
