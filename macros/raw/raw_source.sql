{# The raw table `name` of the domain that its name begins with: its sample seed, if any, and the columns read of it. #}
{% macro raw_table_entry(name) -%}
  {%- set raw_tables = customer_segmentation.domain_macro(name, 'raw_tables') -%}
  {{ return(raw_tables()[name]) }}
{%- endmacro %}


{#
  'sample', 'absent', 'file' or 'relation': what <name>_source of a raw table points at; 'absent' where it is empty and the
  table has no sample. A source that is neither a whole path nor schema.table has been refused before
  (python/customer_segmentation/settings/kinds.py).
#}
{% macro raw_source_kind(name) -%}
  {%- set source = customer_segmentation.raw_source(name) -%}
  {%- if source == '' -%}
    {{ return('sample' if 'sample' in customer_segmentation.raw_table_entry(name) else 'absent') }}
  {%- endif -%}
  {{ return('file' if '/' in source or ':' in source else 'relation') }}
{%- endmacro %}


{# <name>_source without white space at its ends. #}
{% macro raw_source(name) -%}
  {{ return(customer_segmentation.setting(name ~ '_source') | string | trim) }}
{%- endmacro %}


{# The column of a declared text file that takes the text of lines that cannot be read. #}
{% macro malformed_column() -%}
  _malformed_line
{%- endmacro %}


{#
  The relation behind <name>_source: for a file, the external table that `prepare_raw_tables` declares over it, or, where it
  is declared over other files, what `raw_file_looked_at` declares for a run that only looks.
#}
{% macro raw_source_relation(name) -%}
  {%- if customer_segmentation.raw_source_kind(name) == 'file' -%}
    {%- set declared = api.Relation.create(schema=target.schema ~ '_raw', identifier=name, type='table') -%}
    {%- if execute and customer_segmentation.only_looks(declared) -%}
      {{ return(customer_segmentation.raw_file_looked_at(name, declared)) }}
    {%- endif -%}
    {{ return(declared) }}
  {%- endif -%}
  {%- set source = customer_segmentation.raw_source(name) -%}
  {#- Spark keeps names in small letters; dbt would look for them as they are written. -#}
  {%- set parts = (source | lower if adapter.type() == 'spark' else source).split('.') -%}
  {{ return(api.Relation.create(
      schema=parts[-2] if parts | length > 1 else target.schema, identifier=parts[-1], type='table',
  )) }}
{%- endmacro %}
