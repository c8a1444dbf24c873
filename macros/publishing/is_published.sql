{#
  Whether this model has been published before, so that `this` can be read: for tables that carry their own past on.
  False while parsing, and in a unit test unless it overrides it.
#}
{% macro is_published() -%}
  {%- if not execute -%} {{ return(false) }} {%- endif -%}
  {{ return(adapter.get_relation(database=this.database, schema=this.schema, identifier=this.identifier) is not none) }}
{%- endmacro %}
