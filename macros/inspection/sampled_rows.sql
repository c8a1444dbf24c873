{#
  What `segmentation inspect` has to know of a table: one row for about as many of its rows as are asked for, drawn by chance,
  each as JSON with the texts of its columns under their places; and one with their names, types and the number of rows. No
  rows where there is no such table.

  source: schema.table, or a table of the target's schema
  most:   how many rows
#}
{% macro sampled_rows(source, most) -%}
{%- set parts = source.split('.') -%}
{%- set relation = api.Relation.create(
    schema=parts[-2] if parts | length > 1 else target.schema, identifier=parts[-1], type='table',
) -%}
{%- set columns = adapter.get_columns_in_relation(relation) if execute else [] -%}
{%- if not columns -%}
select cast(null as string) as sampled_row where false
{%- else -%}
{%- set row_count = run_query('select count(*) from ' ~ relation).rows[0][0] | int -%}
{%- set about = {
    'names': columns | map(attribute='name') | list,
    'types': columns | map(attribute='dtype') | map('string') | list,
    'rows': row_count,
} %}
select {{ customer_segmentation.string_literal(tojson(about)) }} as sampled_row
union all
select sampled_row
from (
    select
        to_json(named_struct(
            {%- for column in columns %}
            '{{ loop.index0 }}', cast({{ customer_segmentation.backticked(column.name) }} as string){{ ',' if not loop.last }}
            {%- endfor %}
        )) as sampled_row
    from {{ relation }}
    {% if row_count > most -%}
    where rand(42) < {{ 1.1 * most / row_count }}
    {% endif -%}
    limit {{ most }}
) as drawn
{%- endif -%}
{%- endmacro %}
