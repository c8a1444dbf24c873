{#
  Whether this run reads the raw file behind `declared` without leaving a trace: `dbt show`, `dbt compile` and `dbt docs
  generate`, which run no hooks, and `--empty` where the table is declared, as published views read it.
#}
{% macro only_looks(declared) -%}
  {%- if not customer_segmentation.keeps_records() -%} {{ return(false) }} {%- endif -%}
  {%- if flags.WHICH in ['show', 'compile', 'generate'] -%} {{ return(true) }} {%- endif -%}
  {{ return(flags.EMPTY and load_relation(declared) is not none) }}
{%- endmacro %}


{#
  The relation over the files of <name>_source for a run that only looks: `declared`, where that is declared over them, else
  one that ends with the engine's process. `dbt compile` and `dbt docs generate` do without the files.
#}
{% macro raw_file_looked_at(name, declared) -%}
  {%- set looked_at = adapter.dispatch('relation_to_look_at', 'customer_segmentation')(declared) -%}
  {%- if 'looked_at=yes' in (load_relation(looked_at).information or '') -%} {{ return(looked_at) }} {%- endif -%}
  {%- set found = customer_segmentation.files_found(customer_segmentation.raw_source(name), looked_at) -%}
  {%- if found[0] == '0' and flags.WHICH in ['compile', 'generate'] -%} {{ return(declared) }} {%- endif -%}
  {%- set file = customer_segmentation.raw_file(name, found) -%}
  {%- if 'files=' ~ file.files in (load_relation(declared).information or '') -%} {{ return(declared) }} {%- endif -%}
  {%- set declare_to_look = adapter.dispatch('declare_to_look', 'customer_segmentation') -%}
  {% do declare_to_look(looked_at, file) %}
  {% do customer_segmentation.remember_published(looked_at, {'files': file.files, 'looked_at': 'yes'}) %}
  {{ return(looked_at) }}
{%- endmacro %}


{# A view of the Spark application, of which the catalog knows nothing. #}
{% macro spark__relation_to_look_at(declared) -%}
  {{ return(api.Relation.create(
      schema='global_temp', identifier=declared.schema ~ '__' ~ declared.identifier, type='view'
  )) }}
{%- endmacro %}


{# Sail forgets with its process what is not on record. #}
{% macro sail__relation_to_look_at(declared) -%}
  {{ return(declared) }}
{%- endmacro %}


{% macro spark__declare_to_look(relation, file) -%}
  {% do customer_segmentation.spark__create_raw_table(
      relation, file.path, file.format, file.options, file.files, file.found
  ) %}
{%- endmacro %}


{% macro sail__declare_to_look(relation, file) -%}
  {% do adapter.keep_off_record(relation) %}
  {% do adapter.create_schema(relation.without_identifier()) %}
  {%- set folder = customer_segmentation.sail_folder_of_raw_table(relation, file.path, file.format, file.options) -%}
  {% do run_query('drop table if exists ' ~ relation) %}
  {% do run_query(
      'create table ' ~ relation ~ ' using parquet location ' ~ customer_segmentation.string_literal(folder)
  ) %}
{%- endmacro %}


{# Whether a relation ends with the engine's process. #}
{% macro is_to_look_at(relation) -%}
  {{ return(relation.schema == 'global_temp') }}
{%- endmacro %}
