{#
  Fills a seed's table. dbt-spark's own way casts value by value, which takes minutes, and does not escape quotes.

  Embedded Spark reads the CSV file itself. Any other connection may be to another machine, so there the rows travel
  as SQL: one insert of text literals for each 5,000 rows. Both cast to the column types in the select. What was loaded is
  recorded with the table when all rows are there.
#}
{% macro spark__load_csv_rows(model, agate_table) -%}
  {%- set rows_of = customer_segmentation.seed_state(model) -%}
  {%- set loaded = load_relation(this) -%}
  {%- if customer_segmentation.stays_with_empty(loaded) or customer_segmentation.holds_seed(loaded, rows_of) -%}
    {{ return('') }}
  {%- endif -%}
  {%- set casts = customer_segmentation.seed_casts(model, agate_table) -%}
  {%- set remote = (target.server_side_parameters or {}).get('spark.remote') or env_var('SPARK_REMOTE', '') -%}
  {%- if target.method == 'session' and not remote -%}
    {%- set insert = customer_segmentation.insert_seed_file(model, casts) -%}
  {%- else -%}
    {%- set insert = customer_segmentation.insert_seed_rows(agate_table, casts) -%}
  {%- endif -%}
  {%- if rows_of -%}
    {%- do run_query('alter table ' ~ this ~ " set tblproperties ('rows_of' = '" ~ rows_of ~ "')") -%}
  {%- endif -%}
  {{ return(insert) }}
{%- endmacro %}


{#
  Before the rows of a seed are loaded: a table that holds them is left as it is, unless with `--full-refresh`; with
  `--empty` every table is.
#}
{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
  {%- set rows_of = customer_segmentation.seed_state(model) -%}
  {%- if customer_segmentation.stays_with_empty(old_relation)
      or (not full_refresh and customer_segmentation.holds_seed(old_relation, rows_of)) -%}
    {{ return('') }}
  {%- endif -%}
  {%- do adapter.drop_relation(old_relation) -%}
  {{ return(create_csv_table(model, agate_table)) }}
{%- endmacro %}


{# Whether a table was loaded with the rows of `state` to the end. #}
{% macro holds_seed(relation, state) -%}
  {{ return(state is not none and relation is not none and 'rows_of=' ~ state in (relation.information or '')) }}
{%- endmacro %}


{# A hash of a seed's rows and types; none for a file so large that dbt hashes its path in place of its content. #}
{% macro seed_state(seed) -%}
  {%- if seed.checksum.name != 'sha256' -%} {{ return(none) }} {%- endif -%}
  {%- set columns = [seed.config.column_types, seed.config.delimiter] -%}
  {{ return(local_md5(tojson([seed.checksum.checksum, columns], sort_keys=true))) }}
{%- endmacro %}


{# Of each column of a seed the expression that casts its text to its type, with its name. #}
{% macro seed_casts(model, agate_table) -%}
  {%- set column_types = model['config'].get('column_types', {}) -%}
  {%- set casts = [] -%}
  {%- for column in agate_table.column_names -%}
    {%- set name = adapter.quote(column) -%}
    {%- set type = column_types.get(column, adapter.convert_type(agate_table, loop.index0)) -%}
    {%- do casts.append('cast(' ~ name ~ ' as ' ~ type ~ ') as ' ~ name) -%}
  {%- endfor -%}
  {{ return(casts) }}
{%- endmacro %}


{# The path of a seed's file. #}
{% macro seed_path(model) -%}
  {{ return(modules.re.sub('/+$', '', model['root_path']) ~ '/' ~ model['original_file_path']) }}
{%- endmacro %}


{# Lets Spark read the seed's file and insert it; returns the statement. #}
{% macro insert_seed_file(model, casts) -%}
  {%- set delimiter = model['config'].get('delimiter', ',') -%}
  {% do run_query(
      "create or replace temporary view seed_file_" ~ model['alias']
      ~ " using csv options (path " ~ customer_segmentation.string_literal(customer_segmentation.seed_path(model))
      ~ ", sep " ~ customer_segmentation.string_literal(delimiter)
      ~ ", header 'true', quote '\"', escape '\"', multiLine 'true', encoding 'UTF-8')"
  ) %}
  {%- set insert = 'insert into ' ~ this ~ ' select ' ~ casts | join(', ') ~ ' from seed_file_' ~ model['alias'] -%}
  {% do adapter.add_query(insert) %}
  {% do run_query('drop view seed_file_' ~ model['alias']) %}
  {{ return(insert) }}
{%- endmacro %}


{# Inserts the rows of an agate table as literals; returns the first statement. #}
{% macro insert_seed_rows(agate_table, casts) -%}
  {%- set statements = [] -%}
  {%- for chunk in agate_table.rows | batch(5000) -%}
    {%- set insert -%}
      insert into {{ this }}
      select {{ casts | join(', ') }}
      from values
      {%- for row in chunk %}
        (
        {%- for value in row -%}
          {{ customer_segmentation.string_literal(value | string) if value is not none else 'null' }}{{ ', ' if not loop.last }}
        {%- endfor -%}
        ){{ ',' if not loop.last }}
      {%- endfor %}
      as rows({{ agate_table.column_names | map('string') | join(', ') }})
    {%- endset -%}
    {% do adapter.add_query(insert, abridge_sql_log=True) %}
    {% do statements.append(insert) %}
  {%- endfor -%}
  {{ return(statements | first | default('')) }}
{%- endmacro %}


{# On Sail the load makes the table too, as a generation whose record is the last step. #}
{% macro sail__create_csv_table(model, agate_table) -%}{%- endmacro %}


{% macro sail__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}{%- endmacro %}


{% macro sail__load_csv_rows(model, agate_table) -%}
  {%- set rows_of = customer_segmentation.seed_state(model) -%}
  {%- set loaded = load_relation(this) -%}
  {%- if customer_segmentation.stays_with_empty(loaded)
      or (not should_full_refresh() and customer_segmentation.holds_seed(loaded, rows_of)) -%}
    {{ return('') }}
  {%- endif -%}
  {%- set generation = customer_segmentation.new_generation(this, 'table') -%}
  {%- set file = generation.incorporate(path={'identifier': generation.identifier ~ '_file'}) -%}
  {%- set texts = [] -%}
  {%- for column in agate_table.column_names -%} {%- do texts.append(adapter.quote(column) ~ ' string') -%} {%- endfor -%}
  {%- do run_query(
      "create table " ~ file ~ " (" ~ texts | join(", ") ~ ") using csv options (sep "
      ~ customer_segmentation.string_literal(model['config'].get('delimiter', ','))
      ~ ", header 'true', quote '\"', escape '\"', multiLine 'true') location "
      ~ customer_segmentation.string_literal(customer_segmentation.seed_path(model))
  ) -%}
  {%- set casts = customer_segmentation.seed_casts(model, agate_table) -%}
  {%- set rows = 'select ' ~ casts | join(', ') ~ ' from ' ~ file -%}
  {%- set columns = customer_segmentation.fill_generation(generation, rows) -%}
  {%- do run_query('drop table ' ~ file) -%}
  {%- do adapter.publish_record(
      this, columns, generation=generation, properties={'rows_of': rows_of or 'unknown'}, is_published=false
  ) -%}
  {{ return(rows) }}
{%- endmacro %}
