{# The raw table `name` of the domain that its name begins with: its sample seed, if any, and the columns read of it. #}
{% macro raw_table_entry(name) -%}
  {%- set raw_tables = customer_segmentation.domain_macro(name, 'raw_tables') -%}
  {{ return(raw_tables()[name]) }}
{%- endmacro %}


{#
  'sample', 'absent', 'file' or 'relation': what <name>_source of a raw table points at. Where it is empty that is the sample,
  or 'absent' for a table that has no sample, that is declared absent, or whose sample goes with that of another table
  (the key 'sample_with') which is no sample: raw data is never completed by samples. A source that is neither a whole path
  nor schema.table has been refused before (python/customer_segmentation/settings/kinds.py).
#}
{% macro raw_source_kind(name) -%}
  {%- set source = customer_segmentation.raw_source(name) -%}
  {%- if source != '' -%}
    {{ return('file' if '/' in source or ':' in source else 'relation') }}
  {%- endif -%}
  {%- set entry = customer_segmentation.raw_table_entry(name) -%}
  {%- set is_alone = 'sample_with' not in entry or customer_segmentation.raw_source(entry['sample_with']) == '' -%}
  {%- set has_sample = 'sample' in entry and is_alone and not customer_segmentation.is_declared_absent(name) -%}
  {{ return('sample' if has_sample else 'absent') }}
{%- endmacro %}


{# Whether the setting under the key 'absent_by' of the raw table `name` lists it: there is no such table. #}
{% macro is_declared_absent(name) -%}
  {%- set entry = customer_segmentation.raw_table_entry(name) -%}
  {{ return('absent_by' in entry and name in customer_segmentation.list_setting(entry['absent_by'])) }}
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
