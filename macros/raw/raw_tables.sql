{#
  The raw tables of the project: for each, its sample seed and the columns that staging reads. A new raw table is
  declared here and gets the vars <name>_source and <name>_columns.
#}
{% macro raw_tables() -%}
  {{ return({
      'retail_order_lines': {
          'domain': 'retail',
          'columns': [
              'invoice_id', 'product_id', 'description', 'quantity',
              'ordered_at', 'unit_price', 'customer_id', 'country',
          ],
      },
  }) }}
{%- endmacro %}


{# 'sample', 'file' or 'relation': what the var <name>_source of a raw table points at. #}
{% macro raw_source_kind(name) -%}
  {%- set source = var(name ~ '_source') | string | trim -%}
  {%- if source == '' -%}
    {{ return('sample') }}
  {%- elif modules.re.search('[.](parquet|csv)$', source) or '/' in source -%}
    {{ return('file') }}
  {%- else -%}
    {{ return('relation') }}
  {%- endif -%}
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
