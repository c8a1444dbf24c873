{#
  Text to timestamp without time zone, by a Spark datetime pattern. Where the pattern is empty: ISO 8601 with year, month and
  day, from the year 1000 to 2999, an offset ignored, or a Unix time of 10, 13, 16 or 19 digits (seconds, milli-, micro-,
  nanoseconds). Null where the text is none of these.
#}
{% macro parse_timestamp(text, pattern) -%}
  {{ adapter.dispatch('parse_timestamp', 'customer_segmentation')(text, pattern) }}
{%- endmacro %}


{% macro default__parse_timestamp(text, pattern) -%}
  {%- if pattern -%}
    try_to_timestamp({{ text }}, {{ customer_segmentation.string_literal(pattern) }})
  {%- else -%}
    case
      when substr({{ text }}, 5, 1) = '-' and length({{ text }}) >= 8 and {{ text }} >= '1' and {{ text }} < '3'
        then try_cast({{ text }} as timestamp_ntz)
      when length({{ text }}) in (10, 13, 16, 19) and {{ text }} rlike '^[0-9]+$'
        then timestamp_ntz'1970-01-01' + make_dt_interval(
          0, 0, 0, cast(cast(rpad({{ text }}, 16, '0') as decimal(16, 0)) / 1000000 as decimal(18, 6))
        )
    end
  {%- endif -%}
{%- endmacro %}
