{#
  What this model's rows depend on, as a hash: its compiled code and documentation, and the state of everything that it
  reads. None where that is not known, as of a source or with `--defer`, where dbt was asked to make everything anew, and
  with `--empty`, whose rows are no state to keep: the model is built then. Rows that it published itself before do not count: made again of the same, they are the same.
#}
{% macro inputs_of_model(compiled_code) -%}
  {%- if should_full_refresh() or flags.EMPTY or invocation_args_dict.get('defer') or config.get('always_run')
      or not customer_segmentation.reads_what_is_known(compiled_code) -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set states = [] -%}
  {%- for parent in model.depends_on.nodes -%}
    {%- set state = customer_segmentation.published_state(parent) -%}
    {%- if state is none -%} {{ return(none) }} {%- endif -%}
    {%- do states.append(state) -%}
  {%- endfor -%}
  {%- set own_rows = '(?s)/[*] published before [*]/.*?/[*] until here [*]/' -%}
  {%- set code = modules.re.sub(own_rows, '', compiled_code) -%}
  {{ return(local_md5(tojson([
      code, states, model.columns, model.description, config.get('file_format'), customer_segmentation.version(),
      dbt_version, customer_segmentation.erasure_state()
  ], sort_keys=true))) }}
{%- endmacro %}


{# What changes with every erasure: it takes rows out of tables whose state stays, so that all is made anew once. #}
{% macro erasure_state() -%}
  {{ return(adapter.suppression_state() if customer_segmentation.keeps_records() else '') }}
{%- endmacro %}


{# Whether all that this model reads is nodes of dbt, or raw files whose state `raw_table` states in a comment. #}
{% macro reads_what_is_known(compiled_code) -%}
  {{ return(model.depends_on.nodes | length > 0 or '/* files=' in compiled_code) }}
{%- endmacro %}


{#
  The state of a node that others read: of a seed its file, of a published table the generation that it shows, of a
  published view its definition and the states of what it reads. None where it is not known: the node is of another kind,
  not there, or reads what dbt does not know of.
#}
{% macro published_state(unique_id) -%}
  {%- set node = graph.nodes.get(unique_id) -%}
  {%- if node is none -%} {{ return(none) }} {%- endif -%}
  {%- if node.resource_type == 'seed' -%}
    {{ return(customer_segmentation.seed_state(node)) }}
  {%- endif -%}

  {%- set relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
  {%- set information = (relation.information or '') if relation is not none else '' -%}
  {%- set generation = modules.re.search(node.alias ~ '__g[0-9]{20}', information) -%}
  {%- if generation -%} {{ return(generation.group(0)) }} {%- endif -%}

  {%- set definition = modules.re.search('definition=([0-9a-f]{32})', information) -%}
  {%- if not definition or 'inputs=known' not in information -%} {{ return(none) }} {%- endif -%}
  {%- set states = [definition.group(1)] -%}
  {%- for parent in node.depends_on.nodes -%}
    {%- set state = customer_segmentation.published_state(parent) -%}
    {%- if state is none -%} {{ return(none) }} {%- endif -%}
    {%- do states.append(state) -%}
  {%- endfor -%}
  {{ return(local_md5(tojson(states))) }}
{%- endmacro %}


{# Lets models that follow in this run see what was published: dbt looks at the catalog once, at its start. #}
{% macro remember_published(target_relation, properties, rows='') -%}
  {%- set recorded = [rows] -%}
  {%- for name, value in properties.items() -%} {%- do recorded.append(name ~ '=' ~ value) -%} {%- endfor -%}
  {%- do adapter.cache_dropped(target_relation) -%}
  {%- do adapter.cache_added(api.Relation.create(
      database=target_relation.database,
      schema=target_relation.schema,
      identifier=target_relation.identifier,
      type=target_relation.type,
      information=recorded | join('\n'),
  )) -%}
{%- endmacro %}


{# The version of this package, which a released one changes: tables of another version are made anew. #}
{% macro version() -%}
  {{ return('0.2.0') }}
{%- endmacro %}
