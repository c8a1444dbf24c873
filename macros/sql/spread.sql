{#
  The part of `total` that a row gets when it is spread over the rows with the same `partition` in proportion to `weight`,
  which is 0 or more; in equal parts where all weights are 0. Parts are rounded to cents and add up to the total, which
  is the same decimal on each row; in the order of `order_by` a row gets what the rows up to it have less what those
  before it have.
#}
{% macro spread(total, weight, partition, order_by) -%}
  {%- set window = 'partition by ' ~ partition ~ ' order by ' ~ order_by ~ ' rows between unbounded preceding and ' -%}
  {%- set of_all = 'sum(' ~ weight ~ ') over (partition by ' ~ partition ~ ')' -%}
  {%- set rows_of_all = 'count(*) over (partition by ' ~ partition ~ ')' -%}
  {%- set place = 'row_number() over (partition by ' ~ partition ~ ' order by ' ~ order_by ~ ')' -%}
  case
          when {{ of_all }} = 0
            then {{ customer_segmentation.part_of(total, place, rows_of_all) }}
              - {{ customer_segmentation.part_of(total, place ~ ' - 1', rows_of_all) }}
          else {{ customer_segmentation.part_of(total, 'sum(' ~ weight ~ ') over (' ~ window ~ 'current row)', of_all) }}
            - {{ customer_segmentation.part_of(
                total, 'coalesce(sum(' ~ weight ~ ') over (' ~ window ~ '1 preceding), 0)', of_all
            ) }}
        end
{%- endmacro %}


{# total * part / whole in cents. By way of six decimals: engines give a quotient six or more. #}
{% macro part_of(total, part, whole) -%}
  cast(cast(
            {{ total }} * cast({{ part }} as decimal(18, 4)) / cast({{ whole }} as decimal(18, 4)) as decimal(38, 6)
          ) as decimal(28, 2))
{%- endmacro %}
