{#
  on-run-start: declares a table over each raw file and stops the run when a raw table or column that staging reads is
  missing. The message names the var to change, the relation or file, and the columns found.
#}
{% macro prepare_raw_tables() -%}
  {%- if execute and flags.WHICH in ['build', 'run', 'test', 'seed', 'show'] -%}
    {%- for name in raw_tables() if raw_source_kind(name) != 'sample' -%}
      {%- set relation = raw_source_relation(name) -%}
      {%- if raw_source_kind(name) == 'file' -%}
        {% do declare_raw_file(name, relation) %}
      {%- endif -%}
      {% do check_raw_columns(name, relation) %}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}


{# Declares `relation` over the file of <name>_source; only the catalog changes, the file is read where it lies. #}
{% macro declare_raw_file(name, relation) -%}
  {%- set path = var(name ~ '_source') | string | trim -%}
  {%- set options = {'path': path} -%}
  {%- if path.endswith('.csv') -%}
    {% do options.update({
        'header': 'true', 'quote': '"', 'escape': '"', 'multiLine': 'true', 'inferSchema': 'false', 'encoding': 'UTF-8',
    }) %}
  {%- endif -%}
  {% do adapter.create_schema(relation.without_identifier()) %}
  {% do check_file_exists(name, path, relation) %}
  {% do run_query('drop table if exists ' ~ relation) %}
  {% call statement('declare_raw_file') %}
    create table {{ relation }}
    using {{ 'csv' if path.endswith('.csv') else 'parquet' }}
    options (
      {%- for option, value in options.items() %}
      {{ option }} {{ string_literal(value) }}{% if not loop.last %},{% endif %}
      {%- endfor %}
    )
  {% endcall %}
{%- endmacro %}


{#
  Stops the run unless Spark finds a file at `path`. A table of Spark's binaryFile format has one row a file and none
  where there is no file, while a table over a missing data file fails with a message that does not say which.
#}
{% macro check_file_exists(name, path, relation) -%}
  {%- set probe = relation ~ '__file' -%}
  {% do run_query('drop table if exists ' ~ probe) %}
  {% do run_query('create table ' ~ probe ~ ' using binaryFile options (path ' ~ string_literal(path) ~ ')') %}
  {%- set files = run_query('select count(*) as files from ' ~ probe).rows[0][0] -%}
  {% do run_query('drop table ' ~ probe) %}
  {%- if files == 0 -%}
    {{ exceptions.raise_compiler_error(
        "The var " ~ name ~ "_source is '" ~ path ~ "', but Spark finds no file there. Set it to a .parquet or .csv file "
        ~ "that every Spark machine can read, or to an existing schema.table."
    ) }}
  {%- endif -%}
{%- endmacro %}


{# Stops the run unless `relation` exists and has every column that staging reads, after <name>_columns. #}
{% macro check_raw_columns(name, relation) -%}
  {%- set found = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
  {%- if not found -%}
    {{ exceptions.raise_compiler_error(
        "The var " ~ name ~ "_source is '" ~ var(name ~ '_source') ~ "', but there is no table or view "
        ~ relation ~ ". Set it to an existing schema.table, or to a .parquet or .csv file."
    ) }}
  {%- endif -%}
  {%- set found_lower = found | map('lower') | list -%}
  {%- set missing = [] -%}
  {%- for column in raw_tables()[name]['columns'] -%}
    {%- set theirs = raw_column_name(name, column) -%}
    {%- if theirs | lower not in found_lower -%}
      {% do missing.append(column if theirs == column else column ~ " (mapped from '" ~ theirs ~ "')") %}
    {%- endif -%}
  {%- endfor -%}
  {%- if missing -%}
    {{ exceptions.raise_compiler_error(
        "Raw table " ~ var(name ~ '_source') ~ " lacks the columns: " ~ missing | join(', ')
        ~ ". Columns found: " ~ found | join(', ')
        ~ ". Map them in the var " ~ name ~ "_columns, as {their_column: our_column}."
    ) }}
  {%- endif -%}
{%- endmacro %}
