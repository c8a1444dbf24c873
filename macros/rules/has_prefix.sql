{# Whether a text column starts with `prefix`; an empty prefix matches nothing. #}
{% macro has_prefix(column, prefix) -%}
  {%- if prefix -%} startswith({{ column }}, {{ string_literal(prefix) }}) {%- else -%} false {%- endif -%}
{%- endmacro %}
