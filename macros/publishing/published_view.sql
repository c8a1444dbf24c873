{#
  Materialization `published_view`: a view that readers never find missing, and that is only touched when its SQL or its
  documentation changed. Then a new view is created beside (a generation), as `alter view` takes no column comments, and
  one `alter view` lets the published name show it.
#}
{% materialization published_view, adapter='spark' %}
  {%- set published = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set target_relation = api.Relation.create(
      database=database, schema=schema, identifier=model['alias'], type='view'
  ) -%}
  {#- With the types: a view keeps the ones it was created with, so it is made anew when those below it change. -#}
  {%- set columns = adapter.get_column_schema_from_query(get_empty_subquery_sql(compiled_code)) -%}
  {%- set definition = local_md5(tojson([compiled_code, columns | map('string') | list, model.columns, model.description], sort_keys=true)) -%}

  {{ run_hooks(pre_hooks) }}
  {{ customer_segmentation.stop_if_of_another_type(published, target_relation) }}

  {%- set recorded = {'definition': definition} -%}
  {% if published is none %}
    {%- call statement('main') -%}
      {{ customer_segmentation.create_documented_view(
          'view', target_relation, columns | map(attribute='name'), compiled_code, customer_segmentation.documented_properties(recorded)
      ) }}
    {%- endcall -%}
  {% elif 'definition=' ~ definition not in published.information %}
    {%- set generation = customer_segmentation.new_generation(target_relation, 'view') -%}
    {%- call statement('main') -%}
      {{ customer_segmentation.create_documented_view('view', generation, columns | map(attribute='name'), compiled_code) }}
    {%- endcall -%}
    {% do customer_segmentation.publish_generation(target_relation, published, generation, recorded) %}
    {% do customer_segmentation.drop_generations_before(published) %}
  {% else %}
    {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
  {% endif %}

  {%- set revoke = should_revoke(published, full_refresh_mode=True) -%}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=revoke) %}
  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
