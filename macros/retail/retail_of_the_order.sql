{#
  The value of a line for our `column`: its own, else, where the setting retail_columns_of_the_order has the column, the one
  that stands on another line of the same order, the greatest if there are several.
#}
{% macro retail_of_the_order(column, value) -%}
  {%- if column in list_setting('retail_columns_of_the_order') -%}
    coalesce({{ value }}, case when invoice_text is not null then max({{ value }}) over (partition by invoice_text) end)
  {%- else -%}
    {{ value }}
  {%- endif -%}
{%- endmacro %}
