{# Whether dbt was asked for `--empty`, which reads no rows, where something is published: it stays as it is. #}
{% macro stays_with_empty(published) -%}
  {{ return(flags.EMPTY and published is not none) }}
{%- endmacro %}


{# Lets the engine say what is wrong with a model's SQL, over no rows. Python is not run: it would read all rows. #}
{% macro check_without_rows(compiled_code) -%}
  {%- if model['language'] == 'sql' -%}
    {%- do adapter.get_column_schema_from_query(get_empty_subquery_sql(compiled_code)) -%}
    {% call noop_statement('main', 'CHECKED') %}{% endcall %}
  {%- else -%}
    {% call noop_statement('main', 'LEFT AS IT IS') %}{% endcall %}
  {%- endif -%}
{%- endmacro %}


{# A relation itself: what `ref` gives stands, with `--empty`, for a query that reads no rows of it. #}
{% macro whole_relation(relation) -%}
  {{ return(api.Relation.create(
      database=relation.database, schema=relation.schema, identifier=relation.identifier, type=relation.type
  )) }}
{%- endmacro %}
