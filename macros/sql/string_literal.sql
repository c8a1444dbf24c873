{#
  A text as a Spark SQL string literal. Besides quote and backslash it escapes `$`, because Spark replaces ${...}
  anywhere in a statement, also inside a literal.
#}
{% macro string_literal(text) -%}
  {%- set escaped = text | replace("\\", "\\\\") | replace("'", "\\'") | replace("$", "\\u0024") -%}
  '{{ escaped | replace("\n", "\\n") | replace("\r", "\\r") }}'
{%- endmacro %}


{# A list of texts as comma-separated literals; none or an empty one gives one null, so that array() keeps its type. #}
{% macro string_literals(texts) -%}
  {%- for text in (texts if texts is sequence and texts is not string else []) -%}
    {{ customer_segmentation.string_literal(text | string) }}{% if not loop.last %}, {% endif %}
  {%- else -%}
    cast(null as string)
  {%- endfor -%}
{%- endmacro %}
