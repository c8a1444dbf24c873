{# A text as a currency code, in capitals. Of ASCII only: the first upper() or lower() of a run costs Spark seconds. #}
{% macro currency_code(text) -%}
  translate({{ text }}, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
{%- endmacro %}
