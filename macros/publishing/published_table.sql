{#
  Materialization `published_table`, for SQL and Python models: a reader gets the complete old or the complete new table.

  delta, iceberg: `create or replace table`, which these formats make atomic.
  other formats:  the rows go into a new table of their own, a generation (schema `<schema>_generations`); when it is
                  complete, one `alter view` lets the published name show it. The generation published before stays
                  until the next build, for readers that planned their query before the switch.
  The config `before_publication` names a macro that looks at the complete rows and may stop the build.
  A table whose code and inputs are those of the build that published it is left as it is; `--full-refresh` makes it anew.
  A Python model that returns None leaves the published table as it is; one with the config `always_run` decides so itself.
  With `--empty` what is published stays, and the SQL is checked over no rows; a table without rows is made where none is.
#}
{% materialization published_table, adapter='spark', supported_languages=['sql', 'python'] %}
  {%- set natively_atomic = customer_segmentation.is_natively_atomic(config.get('file_format')) -%}
  {%- set published = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set target_relation = api.Relation.create(
      database=database, schema=schema, identifier=model['alias'], type='table' if natively_atomic else 'view'
  ) -%}

  {{ run_hooks(pre_hooks) }}

  {{ adapter.dispatch('stop_if_engine_lacks_format', 'customer_segmentation')(config.get('file_format', 'parquet')) }}
  {{ customer_segmentation.stop_if_of_another_type(published, target_relation) }}

  {% do customer_segmentation.check_mart_without_erased() %}
  {%- set inputs = customer_segmentation.inputs_of_model(compiled_code) -%}
  {%- set unchanged = inputs is not none and published is not none and 'inputs ' ~ inputs in (published.information or '') -%}

  {% if customer_segmentation.stays_with_empty(published) %}
    {% do customer_segmentation.check_without_rows(compiled_code) %}
    {{ return({'relations': [target_relation]}) }}
  {% elif unchanged and not natively_atomic %}
    {% do customer_segmentation.check_before_publication(target_relation) %}
    {% do customer_segmentation.record_unchanged(target_relation, published, compiled_code) %}
    {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
  {% elif natively_atomic %}
    {%- set rows = customer_segmentation.without_erased(compiled_code) if model['language'] == 'sql' else compiled_code -%}
    {% do customer_segmentation.check_before_publication('(' ~ compiled_code ~ ')') %}
    {% do customer_segmentation.leave_records_behind() %}
    {%- call statement('main', language=model['language']) -%}
      {{ customer_segmentation.publish_statement(target_relation, model['language'], rows) }}
    {%- endcall -%}
    {% do persist_docs(target_relation, model) %}
  {% else %}
    {%- set generation = customer_segmentation.new_generation(target_relation, 'table') -%}
    {%- if model['language'] == 'python' -%}
      {%- call statement('main', language='python') -%}
        {{ customer_segmentation.publish_statement(generation, 'python', compiled_code) }}
      {%- endcall -%}
      {%- set columns = adapter.get_columns_in_relation(generation) -%}
    {%- else -%}
      {%- set rows = customer_segmentation.without_erased(compiled_code) -%}
      {%- set columns = customer_segmentation.fill_generation(generation, rows) -%}
    {%- endif -%}
    {% if columns %}
      {% do customer_segmentation.check_before_publication(generation) %}
      {% do customer_segmentation.publish_generation(target_relation, published, generation, columns, inputs=inputs) %}
      {% do customer_segmentation.drop_generations_before(published) %}
    {% elif published is not none %}
      {% do customer_segmentation.record_unchanged(target_relation, published, compiled_code) %}
    {% else %}
      {{ exceptions.raise_compiler_error(
          model['name'] ~ " returned None, but nothing is published under " ~ target_relation ~ " yet."
      ) }}
    {% endif %}
  {% endif %}

  {% do customer_segmentation.grant_published(target_relation, published) %}
  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Whether tables of a file format are replaced in one step by the format itself. #}
{% macro is_natively_atomic(file_format) -%}
  {{ return(file_format in ['delta', 'iceberg']) }}
{%- endmacro %}


{#
  Fills `generation`, a new table, with the rows of a query whose columns carry their documented comments; returns its
  columns.
#}
{% macro fill_generation(generation, sql) -%}
  {{ return(adapter.dispatch('fill_generation', 'customer_segmentation')(generation, sql)) }}
{%- endmacro %}


{% macro spark__fill_generation(generation, sql) -%}
  {%- set columns = adapter.get_column_schema_from_query(get_empty_subquery_sql(sql)) -%}
  {%- set documented = generation.identifier ~ '_rows' -%}
  {% call statement('document') %}
    {{ customer_segmentation.create_documented_view(
        'temporary view', documented, columns | map(attribute='name') | list, sql
    ) }}
  {% endcall %}
  {%- call statement('main') -%}
    {{ customer_segmentation.publish_statement(generation, 'sql', 'select * from ' ~ documented) }}
  {%- endcall -%}
  {% call statement('forget') %}drop view {{ documented }}{% endcall %}
  {{ return(columns) }}
{%- endmacro %}


{# Sail takes comments where the table is declared over the files, which follows. #}
{% macro sail__fill_generation(generation, sql) -%}
  {%- call statement('main') -%}
    create table {{ generation }}
    using parquet
    location {{ customer_segmentation.string_literal(adapter.location_of(generation)) }}
    as
    {{ sql }}
  {%- endcall -%}
  {{ return(adapter.get_columns_in_relation(generation)) }}
{%- endmacro %}


{# The statement that fills `relation`: SQL for a SQL model, Python for a Python model. #}
{% macro publish_statement(relation, language, compiled_code) -%}
  {%- if language == 'python' -%}
    {{ customer_segmentation.write_python_model(relation, compiled_code) }}
  {%- else -%}
    {{ create_table_as(False, relation, compiled_code, language) }}
  {%- endif -%}
{%- endmacro %}


{#
  Python that runs the model and writes the DataFrame it returns, with the documented column comments, to `relation`;
  None writes nothing.
#}
{% macro write_python_model(relation, compiled_code) -%}
{{ compiled_code }}
dbt = dbtObj(spark.table)
df = model(dbt, spark)
if df is not None:
    comments = {{ tojson(customer_segmentation.column_comments()) }}
    df = df.select(
        *(
            df[field.name].alias(
                field.name,
                metadata={**field.metadata, **({"comment": comments[field.name]} if field.name in comments else {})},
            )
            for field in df.schema
        )
    )
    df.write.mode("overwrite").format("{{ config.get('file_format', 'parquet') }}")
    {{- customer_segmentation.written_to(relation) }}.saveAsTable("{{ relation }}")
{%- endmacro %}


{# Where a Python model's rows are written, as the option of its writer: nothing where the catalog says so. #}
{% macro written_to(relation) -%}
  {{ adapter.dispatch('written_to', 'customer_segmentation')(relation) }}
{%- endmacro %}


{% macro spark__written_to(relation) -%}{%- endmacro %}


{% macro sail__written_to(relation) -%}
  .option("path", {{ tojson(adapter.location_of(relation)) }})
{%- endmacro %}


{# Stops where what is published is a table and should be a view, or the reverse: dropping it would leave readers without. #}
{% macro stop_if_of_another_type(published, target_relation) -%}
  {% if published is not none and published.type != target_relation.type %}
    {{ exceptions.raise_compiler_error(
        target_relation ~ " is a " ~ published.type ~ ", and " ~ model['name'] ~ " is published as a "
        ~ target_relation.type ~ ". Drop the " ~ published.type ~ " and build again."
    ) }}
  {% endif %}
{%- endmacro %}


{% macro default__stop_if_engine_lacks_format(file_format) -%}{%- endmacro %}


{% macro sail__stop_if_engine_lacks_format(file_format) -%}
  {%- if file_format != 'parquet' -%}
    {{ exceptions.raise_compiler_error(
        "The target sail publishes Parquet, and the file format of " ~ model['name'] ~ " is " ~ file_format
        ~ ". Unset SEGMENTATION_FILE_FORMAT, or build with a target of Spark."
    ) }}
  {%- endif -%}
{%- endmacro %}
