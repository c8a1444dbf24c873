{# Text to timestamp without time zone by a pattern, whose offset, if any, stands at its end. #}
{% macro timestamp_of_pattern(text, pattern, time_zone) -%}
  {%- set at_end = modules.re.match('^(.*?) *\\[? *(?:X+|x+|Z+|z+|O+|VV)\\]?$', pattern | string) -%}
  {%- if not at_end -%}
    to_timestamp_ntz(try_to_timestamp({{ text }}, {{ customer_segmentation.string_literal(pattern) }}))
  {%- elif time_zone -%}
    {{ customer_segmentation.local_time(
        'try_to_timestamp(' ~ text ~ ', ' ~ customer_segmentation.string_literal(pattern) ~ ')', time_zone
    ) }}
  {%- else -%}
    {%- set offset = ' *((UTC|GMT)?[-+][0-9]{1,2}(:?[0-9]{2}){0,2}|[A-Za-z_]+(/[A-Za-z_]+)*)$' -%}
    {%- set local = 'regexp_replace(' ~ text ~ ", '" ~ offset ~ "', '')" -%}
    to_timestamp_ntz(try_to_timestamp({{ local }}, {{ customer_segmentation.string_literal(at_end.group(1)) }}))
  {%- endif -%}
{%- endmacro %}
