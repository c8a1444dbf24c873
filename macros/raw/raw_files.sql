{#
  'csv', 'json' (one object a line) or 'parquet', by the endings of the files that `path` stands for, or its own where they
  have none. Other endings are those of CSV files where <name>_csv says how they are written. Stops the run where files are
  of several kinds or of one that is not read.
#}
{% macro format_of_files(name, path, endings) -%}
  {%- set formats = {
      'csv': 'csv', 'tsv': 'csv', 'txt': 'csv', 'json': 'json', 'jsonl': 'json', 'ndjson': 'json', 'parquet': 'parquet',
  } -%}
  {%- set own = modules.re.search('[.]([a-z]+)([.](gz|bz2))?/?$', path.lower()) -%}
  {%- set other = 'csv' if customer_segmentation.mapping_setting(name ~ '_csv') else none -%}
  {%- set own = formats.get(own.group(1) if own, other or 'parquet') -%}
  {%- set found, unknown = [], [] -%}
  {%- for ending in endings.split(',') -%}
    {%- set format = formats.get(ending, other) if ending else own -%}
    {%- if format and format not in found -%} {%- do found.append(format) -%} {%- endif -%}
    {%- if not format -%} {%- do unknown.append('.' ~ ending) -%} {%- endif -%}
  {%- endfor -%}
  {%- if unknown or found | length > 1 -%}
    {{ exceptions.raise_compiler_error(
        "The var " ~ name ~ "_source is '" ~ path ~ "', where files end in ." ~ endings.replace(',', ', .')
        ~ ". They must be of one kind: CSV (.csv, .tsv, .txt), JSON lines (.json, .jsonl, .ndjson), each also with .gz or .bz2, or Parquet (.parquet). "
        ~ "Files of another ending are CSV where the var " ~ name ~ "_csv says how they are written, as {sep: '|'}. "
        ~ "Set it to the files of one kind alone, as " ~ path.rstrip('/') ~ "/*.csv."
    ) }}
  {%- endif -%}
  {{ return(found[0]) }}
{%- endmacro %}


{# The options of a raw file's reader: those of <name>_csv over the defaults, as far as its format has them. #}
{% macro raw_file_options(name, format) -%}
  {%- set given = customer_segmentation.mapping_setting(name ~ '_csv') -%}
  {%- if format == 'parquet' -%} {{ return({}) }} {%- endif -%}
  {%- if format == 'json' -%}
    {{ return({'primitivesAsString': 'true', 'encoding': given.get('encoding', 'UTF-8')}) }}
  {%- endif -%}
  {%- set options = {
      'header': 'true', 'quote': '"', 'escape': '"', 'multiLine': 'true', 'inferSchema': 'false', 'encoding': 'UTF-8',
  } -%}
  {%- do options.update(given) -%}
  {%- do options.update({
      'sep': customer_segmentation.raw_separator(name), 'header': 'false' if given.get('header') is false else 'true',
  }) -%}
  {{ return(options) }}
{%- endmacro %}


{#
  The text of a raw line that has more or fewer fields than the header of its file (its first line, where there is no
  header), so that its values may stand in columns of others, or is no JSON object; null for all other lines. Fields beyond
  the header that are all empty are none.
#}
{% macro malformed_line(name) -%}
  {%- set columns = customer_segmentation.columns_of_raw_file(name) -%}
  {%- set line = customer_segmentation.malformed_column() -%}
  {%- if line not in columns -%}
    cast(null as string)
  {%- else -%}
    {%- set quote = customer_segmentation.mapping_setting(name ~ '_csv').get('quote', '"') -%}
    {%- set sign = customer_segmentation.string_literal(customer_segmentation.raw_separator(name)) -%}
    {%- set escaped = modules.re.escape(quote) -%}
    {%- set pattern = escaped ~ '[^' ~ escaped ~ ']*' ~ escaped -%}
    {%- set unquoted = 'regexp_replace(' ~ line ~ ', ' ~ customer_segmentation.string_literal(pattern) ~ ", '')"
        if quote else line -%}
    {%- set surplus = 'length(' ~ unquoted ~ ') - length(replace(' ~ unquoted ~ ', ' ~ sign ~ ", '')) - "
        ~ (columns | length - 2) -%}
    case
          when {{ line }} is null or not endswith({{ line }}, {{ sign }}) then {{ line }}
          when {{ surplus }} > 0 and {{ surplus }} <= length({{ line }}) - length(rtrim({{ sign }}, {{ line }})) then null
          else {{ line }}
        end
  {%- endif -%}
{%- endmacro %}


{# What separates the fields of a raw CSV file: as <name>_csv says, else a tab in a .tsv file, a comma in others. #}
{% macro raw_separator(name) -%}
  {%- set is_tsv = modules.re.search('[.]tsv([.](gz|bz2))?/?$', customer_segmentation.raw_source(name).lower()) -%}
  {%- set usual = '\t' if is_tsv else ',' -%}
  {%- set sep = customer_segmentation.mapping_setting(name ~ '_csv').get('sep', usual) -%}
  {{ return('\t' if sep == '\\t' else sep) }}
{%- endmacro %}


{# The columns that a raw file is declared with; none where it is not declared or no file. #}
{% macro columns_of_raw_file(name) -%}
  {%- if not execute or customer_segmentation.raw_source_kind(name) != 'file' -%} {{ return([]) }} {%- endif -%}
  {%- set relation = load_relation(customer_segmentation.raw_source_relation(name)) -%}
  {{ return(customer_segmentation.column_names(relation) if relation is not none else []) }}
{%- endmacro %}


{# The names of a relation's columns. `describe` ends for dbt at one that begins with `#`. #}
{% macro column_names(relation) -%}
  {%- set columns = adapter.get_column_schema_from_query('select * from ' ~ relation ~ ' limit 0') -%}
  {{ return(columns | map(attribute='name') | list) }}
{%- endmacro %}


{# Whether a column has the name that Spark gives to one without a name, or to one of several of the same name. #}
{% macro has_names_of_places(columns) -%}
  {%- set names = columns | map('lower') | list -%}
  {%- for name in names -%}
    {%- set place = loop.index0 | string -%}
    {%- if name == '_c' ~ place -%} {{ return(true) }} {%- endif -%}
    {%- if name.endswith(place) -%}
      {%- set base = name[: (name | length - place | length)] -%}
      {%- for other in names -%}
        {%- if other != name and other == base ~ loop.index0 -%} {{ return(true) }} {%- endif -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(false) }}
{%- endmacro %}
