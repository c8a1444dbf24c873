{#
  Materialization `published_view`: a view that readers never find missing, and that is only touched when its SQL, its
  documentation or the types of what it reads changed. Then a new view is created beside (a generation), as `alter view`
  takes no column comments, and one `alter view` lets the published name show it. With `--empty` what is published stays.
#}
{% materialization published_view, adapter='spark' %}
  {%- set published = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set target_relation = api.Relation.create(
      database=database, schema=schema, identifier=model['alias'], type='view'
  ) -%}
  {%- set found = published.information or '' if published is not none else '' -%}
  {%- set inputs = customer_segmentation.inputs_of_model(compiled_code) -%}

  {{ run_hooks(pre_hooks) }}
  {{ customer_segmentation.stop_if_of_another_type(published, target_relation) }}

  {% if customer_segmentation.stays_with_empty(published) %}
    {% do customer_segmentation.check_without_rows(compiled_code) %}
    {{ return({'relations': [target_relation]}) }}
  {% elif inputs is not none and 'of_inputs=' ~ inputs in found %}
    {% do customer_segmentation.record_unchanged(target_relation, published, compiled_code) %}
    {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
  {% else %}
    {#- With the types: a view keeps the ones it was created with, so it is made anew when those below it change. -#}
    {%- set columns = adapter.get_column_schema_from_query(get_empty_subquery_sql(compiled_code)) -%}
    {%- set definition = local_md5(tojson(
        [compiled_code, columns | map('string') | list, model.columns, model.description], sort_keys=true
    )) -%}
    {%- set recorded = {
        'definition': definition,
        'inputs': 'known' if customer_segmentation.reads_what_is_known(compiled_code) else 'unknown',
        'of_inputs': inputs or 'unknown',
    } -%}
    {% if published is none or 'definition=' ~ definition not in found %}
      {% do customer_segmentation.publish_view(target_relation, published, columns, compiled_code, recorded) %}
    {% else %}
      {% do customer_segmentation.record_unchanged(target_relation, published, compiled_code) %}
      {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
    {% endif %}
  {% endif %}

  {% do customer_segmentation.grant_published(target_relation, published) %}
  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Lets the name `target_relation` show a query with these columns. `properties` are kept with it, beside its comments. #}
{% macro publish_view(target_relation, published, columns, sql, properties) -%}
  {%- do adapter.dispatch('publish_view', 'customer_segmentation')(
      target_relation, published, columns, sql, properties
  ) -%}
{%- endmacro %}


{# On record only when the engine has taken the query: other engines would show a name whose query it refused. #}
{% macro spark__publish_view(target_relation, published, columns, sql, properties) -%}
  {%- set names = columns | map(attribute='name') | list -%}
  {%- if published is none -%}
    {%- set kept = customer_segmentation.documented_properties(properties) -%}
    {%- call statement('main') -%}
      {{ customer_segmentation.create_documented_view('view', target_relation, names, sql, kept) }}
    {%- endcall -%}
    {%- do customer_segmentation.record_published(target_relation, columns, sql, properties=properties) -%}
    {%- do customer_segmentation.confirm_record(target_relation) -%}
    {%- do customer_segmentation.remember_published(target_relation, properties) -%}
  {%- else -%}
    {%- set generation = customer_segmentation.new_generation(target_relation, 'view') -%}
    {%- call statement('main') -%}
      {{ customer_segmentation.create_documented_view('view', generation, names, sql) }}
    {%- endcall -%}
    {%- do customer_segmentation.record_published(target_relation, columns, sql, properties=properties) -%}
    {%- do customer_segmentation.publish_generation(target_relation, published, generation, columns, properties) -%}
    {%- do customer_segmentation.drop_generations_before(published) -%}
  {%- endif -%}
{%- endmacro %}


{% macro sail__publish_view(target_relation, published, columns, sql, properties) -%}
  {%- do customer_segmentation.record_published(target_relation, columns, sql, properties=properties) -%}
  {%- do customer_segmentation.remember_published(target_relation, properties) -%}
  {%- call noop_statement('main', 'OK') -%}{%- endcall -%}
{%- endmacro %}
