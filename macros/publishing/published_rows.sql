{#
  The rows that this model published before, for a table that carries its own past on; no rows in a first build.

  columns: {name: type} of the columns to read
#}
{% macro published_rows(columns) -%}
  {%- if is_published() -%}
  select {{ columns | join(', ') }} from {{ this }}
  {%- else -%}
  select
    {%- for name, type in columns.items() %}
    cast(null as {{ type }}) as {{ name }}{% if not loop.last %},{% endif %}
    {%- endfor %}
  where false
  {%- endif -%}
{%- endmacro %}


{# Whether this model has been published before. False while parsing, and in a unit test unless it overrides it. #}
{% macro is_published() -%}
  {%- if not execute -%} {{ return(false) }} {%- endif -%}
  {{ return(adapter.get_relation(database=this.database, schema=this.schema, identifier=this.identifier) is not none) }}
{%- endmacro %}
