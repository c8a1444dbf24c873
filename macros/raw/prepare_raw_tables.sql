{#
  on-run-start: for each domain that is on, declares a table over each raw file and stops the run when a raw table or
  column that staging reads is missing. The message names the var to change, the relation or file, and the columns found.
#}
{% macro prepare_raw_tables() -%}
  {%- if execute and flags.WHICH in ['build', 'run', 'test', 'seed'] -%}
    {%- for segmentation in segmentations() -%}
      {%- set raw_tables = macro_named(segmentation ~ '_raw_tables') -%}
      {%- for name in (raw_tables() if raw_tables else {}) if raw_source_kind(name) not in ['sample', 'absent'] -%}
        {%- set relation = raw_source_relation(name) -%}
        {%- if raw_source_kind(name) == 'file' -%}
          {% do declare_raw_file(name, relation) %}
        {%- endif -%}
        {% do check_raw_columns(name, relation) %}
        {% do check_raw_texts_once(name, relation) %}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}


{#
  Declares `relation` over the files of <name>_source, unless it is declared over the same files already. A text file gets a
  column more, with the text of the lines that cannot be read; of several CSV files each must have the same header.
#}
{% macro declare_raw_file(name, relation) -%}
  {%- set path = raw_source(name) -%}
  {% do adapter.create_schema(relation.without_identifier()) %}
  {%- set found = files_found(path, relation) -%}
  {%- if found[0] == '0' -%}
    {{ exceptions.raise_compiler_error(
        "The var " ~ name ~ "_source is '" ~ path ~ "', but the engine finds no file with content there; it skips names that begin "
        ~ "with _ or . and folders of the form column=value. Set it to a .parquet or .csv file that every Spark machine can "
        ~ "read, or to an existing schema.table."
    ) }}
  {%- endif -%}
  {%- set format = format_of_files(name, path, found[3]) -%}
  {%- set options = raw_file_options(name, format) -%}
  {%- set files = local_md5(tojson([format, path, options, found], sort_keys=true)) -%}
  {%- if 'files=' ~ files not in (load_relation(relation).information or '') -%}
    {%- set create_raw_table = adapter.dispatch('create_raw_table', 'customer_segmentation') -%}
    {% do create_raw_table(relation, path, format, options, files, found) %}
    {% do remember_published(relation, {'files': files}) %}
  {%- endif -%}
{%- endmacro %}


{#
  Only the catalog changes, the file is read where it lies, unless it is a CSV file that Spark reads in a copy alone. A text
  file is declared twice: first to learn its columns, then with the one that takes the lines that cannot be read.
#}
{% macro spark__create_raw_table(relation, path, format, options, files, found) -%}
  {%- do options.update({'path': path}) -%}
  {%- if format == 'csv' and not is_read_in_place(options) -%}
    {{ return(copy_csv_by_spark(relation, options, files)) }}
  {%- endif -%}
  {%- if format != 'parquet' -%}
    {%- do options.update({'encoding': adapter.encoding_names(options.encoding)['spark']}) -%}
  {%- endif -%}
  {% do declare_over_files(relation, format, options, files) %}
  {%- if format != 'parquet' -%}
    {%- set columns = column_names(relation) -%}
    {%- if columns -%}
      {%- set is_renamed = has_names_of_places(columns) -%}
      {%- if format == 'csv' and is_renamed and found[0] != '1' -%}
        {{ return(copy_csv_by_spark(relation, options, files)) }}
      {%- endif -%}
      {#- Names that are not those of the header cannot be compared with it. -#}
      {% do options.update({
          'enforceSchema': 'true' if is_renamed else 'false', 'columnNameOfCorruptRecord': malformed_column(),
      }) %}
      {% do declare_over_files(relation, format, options, files, columns + [malformed_column()]) %}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{# Sail has no column for lines that cannot be read: a text file is copied into a table that has one. #}
{% macro sail__create_raw_table(relation, path, format, options, files, found) -%}
  {%- set is_copied = format != 'parquet' or modules.re.search('[*?{}]|\\[', path) -%}
  {%- if is_copied -%}
    {%- set generation = relation.incorporate(path={'identifier': new_generation(relation, 'table').identifier}) -%}
    {%- do adapter.copy_files(path, format, options, generation, malformed_column()) -%}
    {%- set folder = adapter.location_of(generation) -%}
  {%- else -%}
    {%- set folder = path -%}
  {%- endif -%}
  {%- set probe = relation.incorporate(path={'identifier': relation.identifier ~ '__file'}) -%}
  {% do run_query(
      'create table ' ~ probe ~ ' using parquet location ' ~ string_literal(folder)
  ) %}
  {%- set columns = adapter.get_column_schema_from_query('select * from ' ~ probe ~ ' limit 0') -%}
  {% do run_query('drop table ' ~ probe) %}
  {%- do adapter.publish_record(
      relation, columns, 'files', folder=folder, properties={'files': files}, is_published=false
  ) -%}
  {%- if is_copied -%} {%- do adapter.remove_generations(relation, generation.identifier) -%} {%- endif -%}
{%- endmacro %}


{#
  Creates a table over files, with text columns of the names given or those that Spark finds in the files. `files`, their
  state, is kept with it.
#}
{% macro declare_over_files(relation, format, options, files, columns=[]) -%}
  {% do run_query('drop table if exists ' ~ relation) %}
  {% call statement('create_raw_table') %}
    create table {{ relation }}
    {%- if columns %} (
      {%- for column in columns %}
      {{ backticked(column) }} string{% if not loop.last %},{% endif %}
      {%- endfor %}
    )
    {%- endif %}
    using {{ format }}
    options (
      {%- for option, value in options.items() %}
      {{ option }} {{ string_literal(value) }}{% if not loop.last %},{% endif %}
      {%- endfor %}
    )
    tblproperties ('files' = '{{ files }}')
  {% endcall %}
{%- endmacro %}


{# Number, bytes, newest time and endings of the files at `path`, as texts; the number is 0 where there are none. #}
{% macro files_found(path, relation) -%}
  {{ return(adapter.dispatch('files_found', 'customer_segmentation')(path, relation)) }}
{%- endmacro %}


{#
  A table of Spark's binaryFile format has one row a file and none where there is no file, while a table over a missing
  data file fails with a message that does not say which.
#}
{% macro spark__files_found(path, relation) -%}
  {%- set probe = relation ~ '__file' -%}
  {%- set name = "regexp_replace(lower(regexp_extract(path, '[^/]*$', 0)), '[.](gz|bz2)$', '')" -%}
  {% do run_query('drop table if exists ' ~ probe) %}
  {% do run_query('create table ' ~ probe ~ ' using binaryFile options (path ' ~ string_literal(path) ~ ')') %}
  {%- set found = run_query(
      'select count(*), sum(length), cast(max(modificationTime) as string), '
      ~ "array_join(sort_array(collect_set(regexp_extract(" ~ name ~ ", '[.]([^.]*)$', 1))), ',') from " ~ probe
  ).rows[0].values() | map('string') | list -%}
  {% do run_query('drop table ' ~ probe) %}
  {{ return(found) }}
{%- endmacro %}


{% macro sail__files_found(path, relation) -%}
  {{ return(adapter.files_at(path)) }}
{%- endmacro %}
