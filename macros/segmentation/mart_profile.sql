{#
  What `segmentation init` has to know of a mart to propose features: one row per column, as JSON with its name, type, the
  rows of the mart and what is measured of its values. No rows where the mart is not built.

  nulls:              of every column
  levels:             how many values differ: exact for the key and for 1, else about as many
  minimum, maximum:   of numbers that are finite, and of dates
  deviation, skewness, infinite: of numbers; `infinite` counts NaN as well

  mart: one row per entity
  key:  the column that identifies an entity
#}
{% macro mart_profile(mart, key) -%}
{%- set columns = adapter.get_columns_in_relation(mart) if execute else [] -%}
{%- set numbers = customer_segmentation.numeric_columns(mart) -%}
{%- if not columns -%}
select cast(null as string) as profile where false
{%- else -%}
with

mart as (

    select * from {{ mart }}

),

-- Beside each number its value where that is finite.
finite as (

    select
        *
        {%- for name in numbers %}
        {%- set number = 'cast(' ~ customer_segmentation.backticked(name) ~ ' as double)' %},
        if(abs({{ number }}) < double('infinity'), {{ number }}, null)
            as {{ customer_segmentation.backticked('finite ' ~ name) }}
        {%- endfor %}
    from mart

),

measured as (

    select
        count(*) as row_count
        {%- for column in columns %}
        {%- set name = customer_segmentation.backticked(column.name) -%}
        {%- set finite = customer_segmentation.backticked('finite ' ~ column.name) %},
        named_struct(
            'nulls', count_if({{ name }} is null)
            {%- if modules.re.match('map|array|struct|variant|binary|interval|void', column.dtype) is none %},
            'levels', {% if column.name | lower == key | lower -%}
              count(distinct {{ name }})
            {%- else -%}
              if(min({{ name }}) = max({{ name }}), 1, greatest(2, approx_count_distinct(cast({{ name }} as string))))
            {%- endif %}
            {%- endif %}
            {%- if column.name in numbers %},
            'infinite', count({{ name }}) - count({{ finite }}),
            'minimum', min({{ finite }}),
            'maximum', max({{ finite }}),
            'deviation', stddev_pop({{ finite }}),
            'skewness', skewness({{ finite }})
            {%- elif column.dtype == 'date' %},
            'minimum', cast(min({{ name }}) as string),
            'maximum', cast(max({{ name }}) as string)
            {%- endif %}
        ) as column_{{ loop.index0 }}
        {%- endfor %}
    from finite

)

select
    stack(
        {{ columns | length }}
        {%- for column in columns %},
        to_json(named_struct(
            'name', {{ customer_segmentation.string_literal(column.name) }},
            'type', {{ customer_segmentation.string_literal(column.dtype) }},
            'rows', row_count,
            'values', column_{{ loop.index0 }}
        ))
        {%- endfor %}
    ) as (profile)
from measured
{%- endif -%}
{%- endmacro %}
