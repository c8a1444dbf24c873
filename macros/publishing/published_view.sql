{#
  Materialization `published_view`: a view that readers never find missing, and that is only touched when its SQL, its
  documentation or the types of what it reads changed. Then a new view is created beside (a generation), as `alter view`
  takes no column comments, and one `alter view` lets the published name show it.
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

  {% if inputs is not none and 'of_inputs=' ~ inputs in found %}
    {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
  {% else %}
    {#- With the types: a view keeps the ones it was created with, so it is made anew when those below it change. -#}
    {%- set columns = adapter.get_column_schema_from_query(get_empty_subquery_sql(compiled_code)) -%}
    {%- set names = columns | map(attribute='name') -%}
    {%- set definition = local_md5(tojson(
        [compiled_code, columns | map('string') | list, model.columns, model.description], sort_keys=true
    )) -%}
    {%- set recorded = {
        'definition': definition,
        'inputs': 'known' if customer_segmentation.reads_what_is_known(compiled_code) else 'unknown',
        'of_inputs': inputs or 'unknown',
    } -%}
    {% if published is none %}
      {%- set properties = customer_segmentation.documented_properties(recorded) -%}
      {%- call statement('main') -%}
        {{ customer_segmentation.create_documented_view('view', target_relation, names, compiled_code, properties) }}
      {%- endcall -%}
      {% do customer_segmentation.remember_published(target_relation, recorded) %}
    {% elif 'definition=' ~ definition not in found %}
      {%- set generation = customer_segmentation.new_generation(target_relation, 'view') -%}
      {%- call statement('main') -%}
        {{ customer_segmentation.create_documented_view('view', generation, names, compiled_code) }}
      {%- endcall -%}
      {% do customer_segmentation.publish_generation(target_relation, published, generation, recorded) %}
      {% do customer_segmentation.drop_generations_before(published) %}
    {% else %}
      {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
    {% endif %}
  {% endif %}

  {% do customer_segmentation.grant_published(target_relation, published) %}
  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
