{#
  on-run-start: for each domain that is on, declares a table over each raw file and stops the run when a raw table or
  column that staging reads is missing. The message names the var to change, the relation or file, and the columns found.
#}
{% macro prepare_raw_tables() -%}
  {%- if execute and flags.WHICH in ['build', 'run', 'test', 'seed'] -%}
    {%- for segmentation in customer_segmentation.segmentations() -%}
      {%- set raw_tables = customer_segmentation.macro_named(segmentation ~ '_raw_tables') -%}
      {%- for name in (raw_tables() if raw_tables else {}) -%}
        {% do customer_segmentation.check_absence(name) %}
      {%- endfor -%}
      {%- for name in (raw_tables() if raw_tables else {})
          if customer_segmentation.raw_source_kind(name) not in ['sample', 'absent'] -%}
        {%- set relation = customer_segmentation.raw_source_relation(name) -%}
        {%- set is_file = customer_segmentation.raw_source_kind(name) == 'file' -%}
        {%- if is_file and not customer_segmentation.only_looks(relation) -%}
          {% do customer_segmentation.declare_raw_file(name, relation) %}
        {%- endif -%}
        {% do customer_segmentation.check_raw_columns(name, relation) %}
        {%- if not flags.EMPTY -%}
          {% do customer_segmentation.check_raw_texts_once(name, relation) %}
        {%- endif -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}


{#
  Stops the run where a raw table is declared absent and yet has a source, and where it has none beside raw data of another
  table and is not declared absent.
#}
{% macro check_absence(name) -%}
  {%- set entry = customer_segmentation.raw_table_entry(name) -%}
  {%- set is_declared = customer_segmentation.is_declared_absent(name) -%}
  {%- if is_declared and customer_segmentation.raw_source(name) != '' -%}
    {{ exceptions.raise_compiler_error(
        "The var " ~ name ~ "_source is '" ~ customer_segmentation.raw_source(name) ~ "', but the var " ~ entry['absent_by']
        ~ " says that there is no such table. Remove one of the two."
    ) }}
  {%- elif 'absent_by' in entry and not is_declared and customer_segmentation.raw_source_kind(name) == 'absent' -%}
    {{ exceptions.raise_compiler_error(
        "The var " ~ entry['sample_with'] ~ "_source is set, and " ~ name ~ "_source is not: raw data is not completed by the sample. "
        ~ "Set it too, or add " ~ name ~ " to the var " ~ entry['absent_by'] ~ "."
    ) }}
  {%- endif -%}
{%- endmacro %}


{#
  Declares `relation` over the files of <name>_source, unless it is declared over the same files already. A text file gets a
  column more, with the text of the lines that cannot be read; of several CSV files each must have the same header.
#}
{% macro declare_raw_file(name, relation) -%}
  {% do adapter.create_schema(relation.without_identifier()) %}
  {%- set found = customer_segmentation.files_found(customer_segmentation.raw_source(name), relation) -%}
  {%- set file = customer_segmentation.raw_file(name, found) -%}
  {%- if 'files=' ~ file.files not in (load_relation(relation).information or '') -%}
    {%- set create_raw_table = adapter.dispatch('create_raw_table', 'customer_segmentation') -%}
    {% do create_raw_table(relation, file.path, file.format, file.options, file.files, file.found) %}
    {% do customer_segmentation.remember_published(relation, {'files': file.files}) %}
  {%- endif -%}
{%- endmacro %}


{#
  What is declared over the files `found` at <name>_source: their path, format, the options of its reader, and a hash of all
  that, `files`. Stops the run where there are no files, or of a format that is not read.
#}
{% macro raw_file(name, found) -%}
  {%- set path = customer_segmentation.raw_source(name) -%}
  {%- if found[0] == '0' -%}
    {{ exceptions.raise_compiler_error(
        "The var " ~ name ~ "_source is '" ~ path ~ "', but the engine finds no file with content there; it skips names that begin "
        ~ "with _ or . and folders of the form column=value. Set it to a .parquet or .csv file that every Spark machine can "
        ~ "read, or to an existing schema.table."
    ) }}
  {%- endif -%}
  {%- set format = customer_segmentation.format_of_files(name, path, found[3]) -%}
  {%- set options = customer_segmentation.raw_file_options(name, format) -%}
  {#- An erasure deletes copies of files: they are made anew. -#}
  {%- set state = [format, path, options, found, customer_segmentation.erasure_state()] -%}
  {%- set files = local_md5(tojson(state, sort_keys=true)) -%}
  {{ return({'path': path, 'format': format, 'options': options, 'files': files, 'found': found}) }}
{%- endmacro %}


{#
  Only the catalog changes, the file is read where it lies, unless it is a CSV file that Spark reads in a copy alone. A text
  file is declared twice: first to learn its columns, then with the one that takes the lines that cannot be read.
#}
{% macro spark__create_raw_table(relation, path, format, options, files, found) -%}
  {%- do options.update({'path': path}) -%}
  {%- if format == 'csv' and not customer_segmentation.is_read_in_place(options) -%}
    {{ return(customer_segmentation.copy_csv_by_spark(relation, options, files)) }}
  {%- endif -%}
  {%- if format != 'parquet' -%}
    {%- do options.update({'encoding': adapter.encoding_names(options.encoding)['spark']}) -%}
  {%- endif -%}
  {% do customer_segmentation.declare_over_files(relation, format, options, files) %}
  {%- if format != 'parquet' -%}
    {%- set columns = customer_segmentation.column_names(relation) -%}
    {%- if columns -%}
      {%- set is_renamed = customer_segmentation.has_names_of_places(columns) -%}
      {%- if format == 'csv' and is_renamed and options.header == 'true' and found[0] != '1' -%}
        {{ return(customer_segmentation.copy_csv_by_spark(relation, options, files)) }}
      {%- endif -%}
      {%- set malformed = customer_segmentation.malformed_column() -%}
      {#- Names that are not those of a header cannot be compared with it. -#}
      {% do options.update({
          'enforceSchema': 'true' if is_renamed else 'false', 'columnNameOfCorruptRecord': malformed,
      }) %}
      {% do customer_segmentation.declare_over_files(relation, format, options, files, columns + [malformed]) %}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{# Sail has no column for lines that cannot be read: a text file is copied into a table that has one. #}
{% macro sail__create_raw_table(relation, path, format, options, files, found) -%}
  {%- set new = customer_segmentation.new_generation(relation, 'table') -%}
  {%- set generation = relation.incorporate(path={'identifier': new.identifier}) -%}
  {%- set folder = customer_segmentation.sail_folder_of_raw_table(generation, path, format, options) -%}
  {%- set probe = relation.incorporate(path={'identifier': relation.identifier ~ '__file'}) -%}
  {#- One that a run left behind which was stopped here. -#}
  {% do run_query('drop table if exists ' ~ probe) %}
  {% do run_query(
      'create table ' ~ probe ~ ' using parquet location ' ~ customer_segmentation.string_literal(folder)
  ) %}
  {%- set columns = adapter.get_column_schema_from_query('select * from ' ~ probe ~ ' limit 0') -%}
  {% do run_query('drop table ' ~ probe) %}
  {%- do adapter.publish_record(
      relation, columns, 'files', folder=folder, properties={'files': files}, is_published=false
  ) -%}
  {%- if folder != path -%} {%- do adapter.remove_generations(relation, generation.identifier) -%} {%- endif -%}
{%- endmacro %}


{# The folder or file that Sail reads a raw file from: its own path, or that of `relation`, which it is copied to. #}
{% macro sail_folder_of_raw_table(relation, path, format, options) -%}
  {%- if format == 'parquet' and not modules.re.search('[*?{}]|\\[', path) and adapter.is_parquet_taken(path) -%}
    {{ return(path) }}
  {%- endif -%}
  {%- do adapter.copy_files(path, format, options, relation, customer_segmentation.malformed_column()) -%}
  {{ return(adapter.location_of(relation)) }}
{%- endmacro %}


{#
  Creates a table over files, with text columns of the names given or those that Spark finds in the files. `files`, their
  state, is kept with it, but not with a view that is only to look at.
#}
{% macro declare_over_files(relation, format, options, files, columns=[]) -%}
  {%- set is_to_look_at = customer_segmentation.is_to_look_at(relation) -%}
  {%- if not is_to_look_at -%} {% do run_query('drop table if exists ' ~ relation) %} {%- endif -%}
  {% call statement('create_raw_table') %}
    create {{ 'or replace global temporary view ' ~ relation.identifier if is_to_look_at else 'table ' ~ relation }}
    {%- if columns %} (
      {%- for column in columns %}
      {{ customer_segmentation.backticked(column) }} string{% if not loop.last %},{% endif %}
      {%- endfor %}
    )
    {%- endif %}
    using {{ format }}
    options (
      {%- for option, value in options.items() %}
      {{ option }} {{ customer_segmentation.string_literal(value) }}{% if not loop.last %},{% endif %}
      {%- endfor %}
    )
    {%- if not is_to_look_at %}
    tblproperties ('files' = '{{ files }}')
    {%- endif %}
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
  {%- set probe = relation.incorporate(path={'identifier': relation.identifier ~ '__file'}) -%}
  {%- set name = "regexp_replace(regexp_extract(path, '[^/]*$', 0), '(?i)[.](gz|bz2)$', '')" -%}
  {% do customer_segmentation.declare_over_files(probe, 'binaryFile', {'path': path}, '') %}
  {%- set found = run_query(
      'select count(*), sum(length), cast(max(modificationTime) as string), '
      ~ "array_join(collect_set(regexp_extract(" ~ name ~ ", '[.]([^.]*)$', 1)), ',') from " ~ probe
  ).rows[0].values() | map('string') | list -%}
  {#- Small letters here: the first lower() of a run costs Spark three seconds. -#}
  {%- set endings = found[3].lower().split(',') | unique | sort | join(',') -%}
  {% do run_query('drop ' ~ ('view ' if customer_segmentation.is_to_look_at(probe) else 'table ') ~ probe) %}
  {{ return(found[:3] + [endings]) }}
{%- endmacro %}


{% macro sail__files_found(path, relation) -%}
  {{ return(adapter.files_at(path)) }}
{%- endmacro %}
