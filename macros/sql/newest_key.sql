{#
  Of some rows, the one with the greatest timestamp `at`, then text `id`, then text `value`, has the greatest key:
  value_of_newest_key of the greatest key is the value of the newest row. `at` and `id` are never null.
#}
{% macro newest_key(at, id, value) -%}
  {{ adapter.dispatch('newest_key', 'customer_segmentation')(at, id, value) }}
{%- endmacro %}


{% macro default__newest_key(at, id, value) -%}
  struct({{ at }} as at, {{ id }} as id, {{ value }} as value)
{%- endmacro %}


{#
  Sail takes a minute for the greatest structs of some million groups, and two seconds for the greatest texts. The number
  added gives every time of the years 1000 to 2999 19 digits: texts of one length sort as their numbers do.
#}
{% macro sail__newest_key(at, id, value) -%}
  concat(
            cast(unix_micros({{ at }}) + 2000000000000000000 as string), '\u0001', {{ id }}, '\u0001', coalesce({{ value }}, '')
        )
{%- endmacro %}


{% macro value_of_newest_key(key) -%}
  {{ adapter.dispatch('value_of_newest_key', 'customer_segmentation')(key) }}
{%- endmacro %}


{% macro default__value_of_newest_key(key) -%}
  {{ key }}.value
{%- endmacro %}


{% macro sail__value_of_newest_key(key) -%}
  nullif(split_part({{ key }}, '\u0001', 3), '')
{%- endmacro %}
