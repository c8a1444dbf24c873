{# Text to timestamp without time zone, by a Spark datetime pattern, or as ISO 8601 where the pattern is empty. #}
{% macro parse_timestamp(text, pattern) -%}
  {%- if pattern -%}
    try_to_timestamp({{ text }}, {{ string_literal(pattern) }})
  {%- else -%}
    try_cast({{ text }} as timestamp_ntz)
  {%- endif -%}
{%- endmacro %}
