{#
  The raw tables of the project: for each, its sample seed and the columns that staging reads. A new raw table is
  declared here and gets the vars <name>_source, <name>_columns and <name>_csv; `format_var` is the one with the pattern
  of its dates.
#}
{% macro raw_tables() -%}
  {{ return({
      'retail_order_lines': {
          'domain': 'retail',
          'columns': [
              'invoice_id', 'product_id', 'description', 'quantity',
              'ordered_at', 'unit_price', 'customer_id', 'country',
          ],
          'format_var': 'retail_ordered_at_format',
      },
  }) }}
{%- endmacro %}


{# 'sample', 'file' or 'relation': what the var <name>_source of a raw table points at. #}
{% macro raw_source_kind(name) -%}
  {%- set source = var(name ~ '_source') | string | trim -%}
  {%- if source == '' -%}
    {{ return('sample') }}
  {%- elif '/' in source or modules.re.search('[.](parquet|csv|gz|bz2|txt|tsv|xlsx?|json|orc|avro)$', source.lower()) -%}
    {{ return('file') }}
  {%- else -%}
    {{ return('relation') }}
  {%- endif -%}
{%- endmacro %}


{# 'csv' or 'parquet', how the file or folder of a raw table is read; none for the ending of any other format. #}
{% macro raw_file_format(name) -%}
  {%- set path = var(name ~ '_source') | string | trim -%}
  {%- if raw_source_kind(name) != 'file' -%}
    {{ return(none) }}
  {%- elif modules.re.search('[.]csv([.](gz|bz2))?/?$', path.lower()) -%}
    {{ return('csv') }}
  {%- elif modules.re.search('[.](gz|bz2|txt|tsv|xlsx?|json|orc|avro)$', path.lower()) -%}
    {{ return(none) }}
  {%- endif -%}
  {{ return('parquet') }}
{%- endmacro %}


{# The column of a declared CSV file that takes the text of lines with too many or too few fields. #}
{% macro malformed_column() -%}
  _malformed_line
{%- endmacro %}


{# The relation behind <name>_source: for a file, the external table that `prepare_raw_tables` declares over it. #}
{% macro raw_source_relation(name) -%}
  {%- if raw_source_kind(name) == 'file' -%}
    {{ return(api.Relation.create(schema=target.schema ~ '_raw', identifier=name, type='table')) }}
  {%- endif -%}
  {%- set parts = (var(name ~ '_source') | string | trim).split('.') -%}
  {{ return(api.Relation.create(
      schema=parts[-2] if parts | length > 1 else target.schema, identifier=parts[-1], type='table',
  )) }}
{%- endmacro %}
