{#
  What staging selects from for the raw table `name`: the sample seed of that name, or the relation or file that the
  var <name>_source points at.
#}
{% macro raw_table(name) -%}
  {%- if raw_source_kind(name) == 'sample' -%}
    {{ ref(raw_tables()[name]['domain'] ~ '_raw_' ~ name[raw_tables()[name]['domain'] | length + 1:]) }}
  {%- else -%}
    {{ raw_source_relation(name) }}
  {%- endif -%}
{%- endmacro %}


{# The name that a raw table's own file or relation has for our `column`: <name>_columns turned round, else the same. #}
{% macro raw_column_name(name, column) -%}
  {%- for theirs, ours in var(name ~ '_columns').items() if ours == column -%}
    {{ return(theirs) }}
  {%- endfor -%}
  {{ return(column) }}
{%- endmacro %}


{# The raw column `column` of the raw table `name` as trimmed text; empty text is null. #}
{% macro raw_text(name, column) -%}
  nullif(trim(cast(`{{ raw_column_name(name, column) }}` as string)), '')
{%- endmacro %}
