{#
  Text to timestamp without time zone, by a Spark datetime pattern. Where the pattern is empty: ISO 8601 with year, month and
  day, or a Unix time of 9 or 10, 13, 16 or 19 digits (seconds, milli-, micro-, nanoseconds). Null where the text is none of
  these or outside the years 1000 to 2999.

  An offset in the text is ignored, which leaves the local time, or where `time_zone` is given turned into the time there;
  so is a Unix time, which is in UTC without it.
#}
{% macro parse_timestamp(text, pattern, time_zone='') -%}
  {{ adapter.dispatch('parse_timestamp', 'customer_segmentation')(text, pattern, time_zone) }}
{%- endmacro %}


{% macro default__parse_timestamp(text, pattern, time_zone='') -%}
  {%- if pattern is string and pattern -%}
    {%- set found = customer_segmentation.timestamp_of_pattern(text, pattern, time_zone) -%}
    case when {{ customer_segmentation.is_in_calendar(found) }} then {{ found }} end
  {%- else -%}
    {#- Before 9 September 2001 a Unix time has one digit less. -#}
    {%- set unix = 'cast(cast(rpad(if(length(' ~ text ~ ") = 9, concat('0', " ~ text ~ '), ' ~ text
        ~ "), 16, '0') as decimal(16, 0)) / 1000000 as decimal(18, 6))" -%}
    {%- set unix_time = "timestamp_ntz'1970-01-01' + make_dt_interval(0, 0, 0, " ~ unix ~ ')' -%}
    {#- Both engines read an offset with a colon, behind seconds. -#}
    {%- set offset = ' ?(Z|[-+][0-9]{2}(:?[0-9]{2})?)$' -%}
    {%- set moment = "regexp_replace(regexp_replace(regexp_replace(" ~ text ~ ", ' ?([-+][0-9]{2})$', '\\u00241:00'), "
        ~ "' ?([-+][0-9]{2}):?([0-9]{2})$', '\\u00241:\\u00242'), "
        ~ "'([T ][0-9]{1,2}:[0-9]{2}) ?([-+Z])', '\\u00241:00\\u00242')" -%}
    case
      when substr({{ text }}, 5, 1) = '-' and length({{ text }}) >= 8 and {{ text }} >= '1' and {{ text }} < '3'
        {%- if time_zone %}
        then if(
          contains({{ text }}, ':') and {{ text }} rlike {{ customer_segmentation.string_literal(offset) }},
          {{ customer_segmentation.local_time('try_cast(' ~ moment ~ ' as timestamp)', time_zone) }},
          try_cast({{ text }} as timestamp_ntz)
        )
        {%- else %}
        then coalesce(
          try_cast({{ text }} as timestamp_ntz),
          case
            when contains({{ text }}, ':')
              then try_cast(regexp_replace({{ text }}, {{ customer_segmentation.string_literal(offset) }}, '') as timestamp_ntz)
          end
        )
        {%- endif %}
      when length({{ text }}) in (9, 10, 13, 16, 19) and {{ text }} rlike '^[0-9]+$'
        {%- if time_zone %}
        then convert_timezone('UTC', {{ customer_segmentation.string_literal(time_zone) }}, {{ unix_time }})
        {%- else %}
        then {{ unix_time }}
        {%- endif %}
    end
  {%- endif -%}
{%- endmacro %}


{# A timestamp of a moment as the time in a zone, without time zone. #}
{% macro local_time(moment, time_zone) -%}
  convert_timezone(
    current_timezone(), {{ customer_segmentation.string_literal(time_zone) }}, to_timestamp_ntz({{ moment }})
  )
{%- endmacro %}


{# Whether a timestamp without time zone is one of the years 1000 to 2999. #}
{% macro is_in_calendar(time) -%}
  {{ time }} >= timestamp_ntz'1000-01-01' and {{ time }} < timestamp_ntz'3000-01-01'
{%- endmacro %}
