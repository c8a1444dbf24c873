{#
  Two columns of a select list that compare rows with the same `key`, a text that is never null: `is_repeated`, whether a row
  with the same key comes before it in the order of `order_by`, and `copy_number`, 1 and up among rows that are equal in all of
  `order_by`. A window with a partition for each key costs Sail more than all else of a table whose rows rarely repeat one, so
  it is of `key_bucket`, the rest of a hash of the key: `bucket_of`.
#}
{% macro copies(key, order_by) -%}
  {%- set window = 'partition by key_bucket order by ' ~ key ~ ' asc, ' ~ order_by -%}
  coalesce(lag({{ key }}) over ({{ window }}) = {{ key }}, false) as is_repeated,
        row_number() over ({{ window }}) - rank() over ({{ window }}) + 1 as copy_number
{%- endmacro %}


{# The bucket of a key: enough of them for a cluster's tasks, few enough for Sail. #}
{% macro bucket_of(key) -%}
  pmod(crc32(cast({{ key }} as binary)), 1000)
{%- endmacro %}
