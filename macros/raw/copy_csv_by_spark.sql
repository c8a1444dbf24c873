{#
  Whether Spark's reader takes a CSV file with these options. It has none for lines above the header, and takes some of the
  encodings only where the session allows all of Java's.
#}
{% macro is_read_in_place(options) -%}
  {{ return(options.get('skip_lines', 0) == 0 and adapter.encoding_names(options.encoding)['spark'] != '') }}
{%- endmacro %}


{#
  Copies CSV files that Spark does not read where they lie into a table of text columns, named by their header, or by their
  place where there is none. The first lines of each file are those of the lowest numbers: a file of lines over several rows
  is read by one task, in its order.
#}
{% macro copy_csv_by_spark(relation, options, files) -%}
  {%- set malformed = customer_segmentation.malformed_column() -%}
  {%- set lines = relation.incorporate(path={'identifier': relation.identifier ~ '__lines'}) -%}
  {%- set has_header = options.header == 'true' -%}
  {%- set place = options.get('skip_lines', 0) | int + 1 -%}
  {%- set read = {} -%}
  {%- do read.update(options) -%}
  {%- do read.pop('skip_lines', none) -%}
  {%- do read.update({
      'header': 'false', 'encoding': adapter.encoding_names(options.encoding)['java'],
      'columnNameOfCorruptRecord': malformed,
  }) -%}
  {% do run_query('set spark.sql.legacy.javaCharsets = true') %}
  {% do customer_segmentation.declare_over_files(lines, 'csv', read, files, ['_c0', malformed]) %}
  {%- set is_to_look_at = customer_segmentation.is_to_look_at(relation) -%}
  {#- A view has no metadata of the files that it reads. -#}
  {%- set file = 'input_file_name()' if is_to_look_at else '_metadata.file_path' -%}
  {%- set numbered -%}
    select
      *,
      row_number() over (partition by {{ file }} order by monotonically_increasing_id()) as _line_number
    from {{ lines }}
  {%- endset -%}
  {%- set text = 'coalesce(' ~ malformed ~ ', _c0)' -%}
  {%- set headers = run_query(
      'select distinct ' ~ text ~ ' from (' ~ numbered ~ ') where _line_number = ' ~ place ~ ' order by 1'
  ).columns[0].values() | list -%}
  {%- if headers | length != 1 and (has_header or not headers) -%}
    {{ exceptions.raise_compiler_error(
        "The CSV files at " ~ options.path ~ " do not have the same header at line " ~ place ~ ": " ~ (headers | join(' and ') or 'none')
        ~ ". Set the var " ~ relation.identifier ~ "_source to files with one header, or skip_lines in " ~ relation.identifier
        ~ "_csv to the number of lines above it."
    ) }}
  {%- endif -%}
  {%- set columns = customer_segmentation.names_of_header(headers[0], read, has_header) -%}
  {% do customer_segmentation.declare_over_files(lines, 'csv', read, files, columns + [malformed]) %}
  {%- if not is_to_look_at -%} {% do run_query('drop table if exists ' ~ relation) %} {%- endif -%}
  {% call statement('create_raw_table') %}
    {%- if is_to_look_at %}
    create or replace global temporary view {{ relation.identifier }} as
    {%- else %}
    create table {{ relation }} using parquet tblproperties ('files' = '{{ files }}') as
    {%- endif %}
    select
      {%- for column in columns + [malformed] %}
      {{ customer_segmentation.backticked(column) }}{% if not loop.last %},{% endif %}
      {%- endfor %}
    from ({{ numbered }})
    where _line_number >= {{ place + 1 if has_header else place }}
  {% endcall %}
  {#- A view reads the lines, by the setting, when it is looked at. -#}
  {%- if not is_to_look_at -%}
    {% do run_query('drop table ' ~ lines) %}
    {% do run_query('set spark.sql.legacy.javaCharsets = false') %}
  {%- endif -%}
{%- endmacro %}


{#
  The names of columns in the text of a header; with its place, as Spark does, where one is missing or not the only, or where
  the text is a line and no header.
#}
{% macro names_of_header(header, options, is_header=true) -%}
  {%- set sep = options.sep -%}
  {%- set fields = [] -%}
  {%- for at in range(header.split(sep) | length) -%} {%- do fields.append('c' ~ at ~ ' string') -%} {%- endfor -%}
  {%- set signs = [] -%}
  {%- for name in ['sep', 'quote', 'escape'] -%}
    {%- do signs.append("'" ~ name ~ "', " ~ customer_segmentation.string_literal(options[name])) -%}
  {%- endfor -%}
  {%- set read = 'from_csv(' ~ customer_segmentation.string_literal(header) ~ ", '" ~ fields | join(', ') ~ "', map("
      ~ signs | join(', ') ~ '))' -%}
  {%- set found = run_query('select inline(array(' ~ read ~ '))').rows[0].values() | list -%}
  {#- A separator in quotes makes more fields than there are. -#}
  {%- set quote = modules.re.escape(options.quote) -%}
  {%- set unquoted = modules.re.sub(quote ~ '[^' ~ quote ~ ']*' ~ quote, '', header) if quote else header -%}
  {%- set found = found[: unquoted.split(sep) | length] -%}
  {%- set lower, names = [], [] -%}
  {%- for name in found -%} {%- do lower.append((name or '').lower()) -%} {%- endfor -%}
  {%- for name in found -%}
    {%- if not name or not is_header -%} {%- do names.append('_c' ~ loop.index0) -%}
    {%- else -%} {%- do names.append(name ~ loop.index0 if lower.count(name.lower()) > 1 else name) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(names) }}
{%- endmacro %}
