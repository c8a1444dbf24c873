{#
  `dbt run-operation upgrade_from_0_1_0` takes over a schema that version 0.1.0 built: models, history, names and decisions
  stay as they are. Decisions get their new name, names their new column, and what has another name or another schema now
  is dropped; the next build makes it anew. Killed in the middle, it is finished by the same command.
#}
{% macro upgrade_from_0_1_0() -%}
  {%- set promotions = retail_relation_of_0_1_0('retail_segment_promotions') -%}
  {%- if promotions is none -%}
    {{ exceptions.raise_compiler_error("Schema " ~ target.schema ~ " holds nothing of version 0.1.0. Run dbt build.") }}
  {%- endif -%}
  {%- if retail_relation_of_0_1_0('retail_segment_decisions') is none -%}
    {%- do republish_from_0_1_0('retail_segment_decisions', 'select * from ' ~ promotions) -%}
  {%- endif -%}

  {%- set names = retail_relation_of_0_1_0('retail_segment_names') -%}
  {%- set found = adapter.get_columns_in_relation(names) if names is not none else [] -%}
  {%- if 'playbook_name' in found | map(attribute='name') -%}
    {%- do republish_from_0_1_0(
        'retail_segment_names',
        'select segment_id, segment_name, playbook_name as named_after, model_id, as_of_date from ' ~ names,
    ) -%}
  {%- endif -%}

  {#- The decisions last: as long as they are there, a build stops and names this command. -#}
  {%- for name in [
      'retail_raw_order_lines', 'stg_retail__order_lines', 'retail_checked_lines', 'retail_customer_feature_values',
      'retail_segment_totals', 'retail_segment_playbook_entries', 'retail_segment_feature_profile',
      'retail_segment_alignment', 'retail_segment_candidates', 'retail_segment_centroids', 'retail_segment_components',
      'retail_segment_confusion', 'retail_segment_differences', 'retail_segment_feature_audit',
      'retail_segment_feature_correlations', 'retail_segment_feature_importance', 'retail_segment_migration_balance',
      'retail_segment_quality', 'retail_segment_rules', 'retail_segment_validation', 'retail_segment_validation_scores',
      'retail_segment_weaknesses', 'retail_segment_promotions',
  ] -%}
    {%- set relation = retail_relation_of_0_1_0(name) -%}
    {%- if relation is not none -%}
      {%- do log('Dropping ' ~ relation ~ ', which has another name or schema now', info=true) -%}
      {%- do run_query('drop ' ~ relation.type ~ ' if exists ' ~ relation) -%}
      {%- do drop_generations_of(relation) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do log('Schema ' ~ target.schema ~ ' is taken over. Run dbt build.', info=true) -%}
{%- endmacro %}


{# on-run-start: stops a build on a schema of version 0.1.0 and names the command that takes it over. #}
{% macro stop_at_tables_of_0_1_0() -%}
  {%- set builds = execute and flags.WHICH in ['build', 'run'] -%}
  {%- if builds and retail_relation_of_0_1_0('retail_segment_promotions') is not none -%}
    {{ exceptions.raise_compiler_error(
        "Schema " ~ target.schema ~ " was built by version 0.1.0, some of whose tables have other names now. `dbt "
        ~ "run-operation upgrade_from_0_1_0` takes it over, with its models, history, names and decisions."
    ) }}
  {%- endif -%}
{%- endmacro %}


{# The relation of that name in the published schema, none where there is none. #}
{% macro retail_relation_of_0_1_0(name) -%}
  {{ return(adapter.get_relation(database=target.database, schema=target.schema, identifier=name)) }}
{%- endmacro %}


{# Publishes the rows of a query under a name, as `published_table` does. #}
{% macro republish_from_0_1_0(name, query) -%}
  {%- set published = retail_relation_of_0_1_0(name) -%}
  {%- set relation = api.Relation.create(schema=target.schema, identifier=name, type='view') -%}
  {%- set generation = new_generation(relation, 'table') -%}
  {%- do run_query('create table ' ~ generation ~ ' using parquet as ' ~ query) -%}
  {%- set verb = 'create' if published is none else 'alter' -%}
  {%- do run_query(verb ~ ' view ' ~ relation ~ ' as select * from ' ~ generation) -%}
  {%- do log('Published ' ~ relation ~ ' in its new form', info=true) -%}
{%- endmacro %}
