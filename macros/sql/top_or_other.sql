{#
  A value where its rank, 1 for the largest, is among the first `top`, else 'Other'.
#}
{% macro top_or_other(value, rank, top) -%}
  case
            when {{ rank }} <= {{ top }} then {{ value }}
            else 'Other'
        end
{%- endmacro %}
