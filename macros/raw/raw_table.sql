{#
  What staging selects from for the raw table `name`: its sample seed, or the relation or file that the
  var <name>_source points at; no rows where it is absent.
#}
{% macro raw_table(name) -%}
  {%- if customer_segmentation.raw_source_kind(name) == 'absent' -%}
    (
        select null as nothing
        where false
    ) as absent
  {%- elif customer_segmentation.raw_source_kind(name) == 'sample' -%}
    {{ ref(customer_segmentation.raw_table_entry(name)['sample']) }}
  {%- else -%}
    {{ customer_segmentation.raw_source_relation(name) }} {{ customer_segmentation.state_of_raw_files(name) }}
  {%- endif -%}
{%- endmacro %}


{#
  The state of the files of the raw table `name` as a comment, by which the model that reads them is known to be unchanged;
  nothing where it has none.
#}
{% macro state_of_raw_files(name) -%}
  {%- if execute and customer_segmentation.raw_source_kind(name) == 'file' -%}
    {%- set declared = load_relation(customer_segmentation.raw_source_relation(name)) -%}
    {%- set information = (declared.information or '') if declared is not none else '' -%}
    {%- set files = modules.re.search('files=[0-9a-f]{32}', information) -%}
    {%- if files -%} /* {{ files.group(0) }} */ {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{#
  A raw column of any type as text without white space at its ends; empty text is null. Numbers and times have none, and to
  look for it in their text took a quarter of reading half a million lines.
#}
{% macro raw_text(column) -%}
  nullif(
          case
            when typeof({{ column }}) rlike '^(tinyint|smallint|int|bigint|float|double|decimal|date|timestamp)'
              then cast({{ column }} as string)
            else btrim(cast({{ column }} as string), '{{ customer_segmentation.white_space() }}')
          end,
          ''
        )
{%- endmacro %}


{#
  The raw column `column` of the raw table `name` as a timestamp without time zone, where it is a date or a timestamp from
  the year 1000 to 2999; null for all else, text among it. A moment is the time in the zone that <name>_time_zone names, or
  in that of the session.
#}
{% macro raw_timestamp(name, column) -%}
  {%- set time = 'to_timestamp_ntz(' ~ column ~ ')' -%}
  {%- set time_zone = customer_segmentation.raw_time_zone(name) -%}
  case
          {%- if time_zone %}
          when typeof({{ column }}) = 'timestamp' and {{ customer_segmentation.is_in_calendar(time) }}
            then {{ customer_segmentation.local_time(column, time_zone) }}
          {%- endif %}
          when typeof({{ column }}) in ('date', 'timestamp', 'timestamp_ntz') and {{ customer_segmentation.is_in_calendar(time) }}
            then {{ time }}
        end
{%- endmacro %}


{#
  The setting <name>_time_zone of the raw table `name`; empty where its domain has no such setting, or a wrong one that is
  not refused yet.
#}
{% macro raw_time_zone(name) -%}
  {%- set settings = customer_segmentation.domain_macro(name, 'settings') -%}
  {%- if not settings or name ~ '_time_zone' not in settings() -%} {{ return('') }} {%- endif -%}
  {%- set time_zone = customer_segmentation.setting(name ~ '_time_zone') -%}
  {{ return(time_zone if time_zone is string else '') }}
{%- endmacro %}


{#
  The characters that are no text at the ends of a raw value, as a Spark literal without its quotes: besides the blanks also
  NUL, no-break space, zero-width space and byte order mark, with which one customer would count as two.
#}
{% macro white_space() -%}
  \u0000\u0009\u000a\u000d\u0020\u00a0\u200b\ufeff
{%- endmacro %}


{# A name as an identifier of Spark SQL, whatever characters it has. #}
{% macro backticked(name) -%}
  `{{ name | replace('`', '``') }}`
{%- endmacro %}
