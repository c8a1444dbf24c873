{# The schema that holds the generations of published tables, apart from the names that readers see. #}
{% macro generations_schema(schema_name) -%}
  {{ return(schema_name ~ '_generations') }}
{%- endmacro %}


{#
  A name no earlier generation of `relation` has: <table>__g<UTC time, microseconds>. Names sort by age, so a build that
  was killed leaves nothing that the next build can collide with.
#}
{% macro new_generation(relation) -%}
  {%- set generations = api.Relation.create(database=relation.database, schema=generations_schema(relation.schema)) -%}
  {% do adapter.create_schema(generations) %}
  {%- set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y%m%d%H%M%S%f') -%}
  {{ return(api.Relation.create(
      database=relation.database,
      schema=generations.schema,
      identifier=relation.identifier ~ '__g' ~ now,
      type='table',
  )) }}
{%- endmacro %}


{# The view under the published name: all columns of the generation, with the documented comments. #}
{% macro point_view_at(target_relation, generation, columns) -%}
  create or replace view {{ target_relation }} (
    {%- for column in columns %}
    {%- set description = model.columns.get(column.name, {}).get('description') %}
    {{ adapter.quote(column.name) }}
    {%- if description %} comment {{ string_literal(description) }}{% endif %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
  )
  {%- if model.description %}
  comment {{ string_literal(model.description) }}
  {%- endif %}
  as
  select
    {%- for column in columns %}
    {{ adapter.quote(column.name) }}{% if not loop.last %},{% endif %}
    {%- endfor %}
  from {{ generation }}
{%- endmacro %}


{#
  Drops the generations older than the one `published` pointed at when this build began: what was published before it,
  and what killed builds left. `published` is dbt's cached relation; a stale cache only means that fewer are dropped.
#}
{% macro drop_generations_before(published) -%}
  {%- if published is not none -%}
    {%- set prefix = published.identifier ~ '__g' -%}
    {%- set pointer = modules.re.search(prefix ~ '[0-9]{20}', published.information or '') -%}
    {%- set schema_name = generations_schema(published.schema) -%}
    {%- if pointer -%}
      {%- for row in run_query("show tables in " ~ schema_name ~ " like '" ~ prefix ~ "*'") -%}
        {%- set generation = row['tableName'] -%}
        {%- if modules.re.match('^' ~ prefix ~ '[0-9]{20}$', generation) and generation < pointer.group(0) -%}
          {% do run_query('drop table ' ~ schema_name ~ '.' ~ generation) %}
        {%- endif -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
