{#
  Checks a table in one scan. Fails with one row per check that does not hold: its name and the number of rows.

  key:        columns that together identify a row; also tested for nulls
  not_null:   further columns without nulls
  conditions: name of a check: SQL condition that every row must meet; a null does not meet it
  small:      at most some thousand rows: one task checks them all, without a shuffle
#}
{% test row_checks(model, key, not_null=[], conditions={}, small=false) %}

with

checked as (

    select{% if small %} /*+ coalesce(1) */{% endif %} * from {{ model }}

),

by_key as (

    select
        count(*) as copies
        {%- for column in key + not_null %},
        count_if({{ column }} is null) as `{{ column }} is null`
        {%- endfor %}
        {%- for name, condition in conditions.items() %},
        count_if(not coalesce({{ condition }}, false)) as `{{ name }}`
        {%- endfor %}
    from checked
    group by {{ key | join(', ') }}

),

counted as (

    select
        sum(copies - 1) as `duplicate {{ key | join(', ') }}`
        {%- for column in key + not_null %},
        sum(`{{ column }} is null`) as `{{ column }} is null`
        {%- endfor %}
        {%- for name in conditions %},
        sum(`{{ name }}`) as `{{ name }}`
        {%- endfor %}
    from by_key

),

checks as (

    select stack(
        {{ 1 + (key + not_null) | length + conditions | length }},
        'duplicate {{ key | join(", ") }}', `duplicate {{ key | join(', ') }}`
        {%- for column in key + not_null %},
        '{{ column }} is null', `{{ column }} is null`
        {%- endfor %}
        {%- for name in conditions %},
        {{ customer_segmentation.string_literal(name) }}, `{{ name }}`
        {%- endfor %}
    ) as (check_name, failing_rows)
    from counted

)

select
    check_name,
    failing_rows
from checks
where failing_rows != 0

{% endtest %}
