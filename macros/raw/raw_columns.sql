{#
  The select list over the raw table `name`: each of our columns as the var <name>_columns maps it, null where the raw table
  has none; `is_selected`, whether the var <name>_filter takes the row for what the table is about; `malformed_line`.
#}
{% macro raw_columns(name) -%}
  {%- set found = customer_segmentation.raw_columns_found(name) -%}
  {%- for column in customer_segmentation.raw_table_entry(name)['columns'] -%}
    {{ customer_segmentation.raw_expression(name, column, found) or 'cast(null as string)' }} as {{ column }},
        {% endfor -%}
  {{ customer_segmentation.raw_filter(name) }} as is_selected,
        {{ customer_segmentation.malformed_line(name) }} as malformed_line
{%- endmacro %}


{# Those of our columns that the raw table `name` has, under that name or by way of <name>_columns. #}
{% macro given_columns(name) -%}
  {%- set found = customer_segmentation.raw_columns_found(name) -%}
  {%- set given = [] -%}
  {%- for column in customer_segmentation.raw_table_entry(name)['columns'] -%}
    {%- if customer_segmentation.raw_expression(name, column, found) is not none -%}
      {%- do given.append(column) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(given) }}
{%- endmacro %}


{#
  The SQL expression for our `column` over a raw table that has the columns `found`: what <name>_columns maps it to, where a
  text that is the name of a column means that column; else the column of our name; none where neither is there.
#}
{% macro raw_expression(name, column, found) -%}
  {%- set by_name = {} -%}
  {%- for theirs in found -%} {%- do by_name.update({theirs | lower: theirs}) -%} {%- endfor -%}
  {%- set mapped = customer_segmentation.raw_mapping(name).get(column, column) | string | trim -%}
  {%- if mapped | lower in by_name -%}
    {{ return(customer_segmentation.backticked(by_name[mapped | lower])) }}
  {%- endif -%}
  {{ return(mapped if mapped != column else none) }}
{%- endmacro %}


{# Our columns to SQL expressions: <name>_columns, and what it leaves out from the known format. The sample has ours. #}
{% macro raw_mapping(name) -%}
  {%- if customer_segmentation.raw_source_kind(name) in ['sample', 'absent'] -%}
    {{ return({}) }}
  {%- endif -%}
  {%- set of_format = customer_segmentation.known_format(name).get(name ~ '_columns', {}) -%}
  {{ return(dict(of_format, **customer_segmentation.mapping_setting(name ~ '_columns'))) }}
{%- endmacro %}


{# The columns of the raw table `name`; none where it is absent, while dbt reads the project those of the sample. #}
{% macro raw_columns_found(name) -%}
  {%- if customer_segmentation.raw_source_kind(name) == 'absent' -%} {{ return([]) }} {%- endif -%}
  {%- if execute and customer_segmentation.raw_source_kind(name) != 'sample' -%}
    {%- set relation = customer_segmentation.raw_source_relation(name) -%}
    {%- set is_known = load_relation(relation) is not none -%}
    {%- set described = [] if is_known else adapter.get_columns_in_relation(relation) -%}
    {%- set names = customer_segmentation.column_names(relation) if is_known else described | map(attribute='name') -%}
    {{ return(names | reject('eq', customer_segmentation.malformed_column()) | list) }}
  {%- endif -%}
  {%- set entry = customer_segmentation.raw_table_entry(name) -%}
  {{ return(entry['columns'] | reject('in', entry.get('not_in_sample', [])) | list) }}
{%- endmacro %}


{# The condition of <name>_filter, false where it is null, as in `where`; true where there is none or in the sample. #}
{% macro raw_filter(name) -%}
  {%- set condition = customer_segmentation.filter_text(name) -%}
  {%- if condition -%}
    coalesce({{ condition }}, false)
  {%- else -%}
    true
  {%- endif -%}
{%- endmacro %}


{# <name>_filter without white space at its ends; empty for the sample and where the table has no such setting. #}
{% macro filter_text(name) -%}
  {%- set settings = customer_segmentation.domain_macro(name, 'settings') -%}
  {%- set has_filter = settings and name ~ '_filter' in settings() -%}
  {%- if customer_segmentation.raw_source_kind(name) in ['sample', 'absent'] or not has_filter -%}
    {{ return('') }}
  {%- endif -%}
  {{ return(customer_segmentation.setting(name ~ '_filter') | string | trim) }}
{%- endmacro %}


{#
  Stops the run unless `relation` exists, has every column that cannot be done without, and takes every expression of
  <name>_columns and <name>_filter. Says what the run does without the columns that are absent.
#}
{% macro check_raw_columns(name, relation) -%}
  {%- set found = raw_columns_found(name) -%}
  {%- if not found -%}
    {{ exceptions.raise_compiler_error(
        "The var " ~ name ~ "_source is '" ~ raw_source(name) ~ "', but there is no table or view "
        ~ relation ~ ", or it has no columns. Set it to an existing schema.table, or to a .parquet or .csv file."
    ) }}
  {%- endif -%}
  {%- set entry = raw_table_entry(name) -%}
  {%- set optional = entry.get('optional', {}) -%}
  {%- set one_of = entry.get('one_of', []) -%}
  {%- set expressions, absent, missing = {}, [], [] -%}
  {%- for column in entry['columns'] -%}
    {%- set expression = raw_expression(name, column, found) -%}
    {%- if expression is not none -%}
      {%- do expressions.update({column: expression}) -%}
    {%- elif column in optional -%}
      {%- if optional[column] -%} {%- do absent.append(column ~ ' (' ~ optional[column] ~ ')') -%} {%- endif -%}
    {%- elif column not in one_of -%}
      {%- do missing.append(column) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if one_of and one_of | select('in', expressions) | list | length == 0 -%}
    {%- do missing.append(one_of | join(' or ')) -%}
  {%- endif -%}
  {%- if missing -%}
    {{ exceptions.raise_compiler_error(
        "Raw table " ~ raw_source(name) ~ " lacks the columns: " ~ missing | join(', ')
        ~ ". Columns found: " ~ found | join(', ') ~ ". Map ours to theirs in the var " ~ name
        ~ "_columns, each to the name of a column or to a SQL expression over them."
    ) }}
  {%- endif -%}
  {#- A plain name of a column needs no look at it. -#}
  {%- set plain = found | map('string') | map('lower') | list -%}
  {%- for column, expression in expressions.items()
      if raw_mapping(name).get(column, column) | string | trim | lower not in plain -%}
    {% do check_raw_expression(name ~ "_columns maps " ~ column ~ " to", expression, relation, found) %}
  {%- endfor -%}
  {%- if filter_text(name) -%}
    {% do check_raw_expression(name ~ "_filter is", filter_text(name), relation, found, 'boolean') %}
  {%- endif -%}
  {%- if absent -%}
    {% do log(raw_source(name) ~ " has no " ~ absent | join(', ') ~ ".", info=true) %}
  {%- endif -%}
{%- endmacro %}


{#
  Stops the run where the engine does not take a SQL expression for a value of each row of `relation`, or not for one of the
  type `wanted`.
#}
{% macro check_raw_expression(what, expression, relation, found, wanted='') -%}
  {%- set value = 'cast(' ~ expression ~ ' as ' ~ wanted ~ ')' if wanted else '(' ~ expression ~ ')' -%}
  {%- set query = 'select raw.*, ' ~ value ~ ' as checked_expression from ' ~ relation ~ ' as raw limit 0' -%}
  {%- if adapter.problem_of is defined -%}
    {%- set problem = adapter.problem_of(query) -%}
    {%- if problem -%}
      {{ exceptions.raise_compiler_error(
          "The var " ~ what ~ " " ~ expression ~ ", which is no SQL expression over the columns found: " ~ found | join(', ')
          ~ ". " ~ problem
      ) }}
    {%- endif -%}
  {%- else -%}
    {% do run_query(query) %}
  {%- endif -%}
{%- endmacro %}
