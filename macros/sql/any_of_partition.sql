{#
  Whether `condition`, which is never null, holds for any row with the same values of `partition`. The maximum needs no
  order; with `order_by`, that of the windows beside it, Spark goes through the rows once instead of twice.
#}
{% macro any_of_partition(condition, partition, order_by) -%}
  {{ adapter.dispatch('any_of_partition', 'customer_segmentation')(condition, partition, order_by) }}
{%- endmacro %}


{% macro default__any_of_partition(condition, partition, order_by) -%}
  max({{ condition }}) over (
            partition by {{ partition }}
            order by {{ order_by }}
            rows between unbounded preceding and unbounded following
        )
{%- endmacro %}


{# Sail holds all rows in memory for a window that looks ahead, and goes through one that looks back row by row. #}
{% macro sail__any_of_partition(condition, partition, order_by) -%}
  first_value({{ condition }}) over (
            partition by {{ partition }}
            order by {{ condition }} desc
            rows between unbounded preceding and current row
        )
{%- endmacro %}
