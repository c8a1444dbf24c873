{#
  numerator / denominator as a double; `of_nothing` where the denominator is 0 or null. A description that names the column
  says what it is then.
#}
{% macro ratio(numerator, denominator, of_nothing=0) -%}
  coalesce(
            cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0), cast({{ of_nothing }} as double)
        )
{%- endmacro %}
