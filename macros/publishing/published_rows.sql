{#
  The rows that this model published before, for a table that carries its own past on; no rows in a first build.

  columns: {name: type} of the columns to read; a column without a type has, in a first build, that of the same column of
  like:    a relation or common table expression
#}
{% macro published_rows(columns, like=none) -%}
  {%- if customer_segmentation.is_published() -%}
  /* published before */ select {{ columns | join(', ') }} from {{ this }} /* until here */
  {%- else -%}
  /* published before */
  select
    {%- for name, type in columns.items() %}
    {% if type %}cast(null as {{ type }}) as {% endif %}{{ name }}{% if not loop.last %},{% endif %}
    {%- endfor %}
  {%- if like %}
  from {{ like }}
  {%- endif %}
  where false /* until here */
  {%- endif -%}
{%- endmacro %}


{# Whether this model has been published before. False while parsing, and in a unit test unless it overrides it. #}
{% macro is_published() -%}
  {%- if not execute -%} {{ return(false) }} {%- endif -%}
  {{ return(adapter.get_relation(database=this.database, schema=this.schema, identifier=this.identifier) is not none) }}
{%- endmacro %}
