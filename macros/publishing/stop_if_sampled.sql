{#
  on-run-start: stops a run with `--sample` that would publish: a model trained on a part of the rows, and every table made
  of them, would stand under the names of those made of all.
#}
{% macro stop_if_sampled() -%}
  {%- if execute and invocation_args_dict.get('sample') -%}
    {%- for node in graph.nodes.values() if node.unique_id in selected_resources
        and node.resource_type == 'model' and node.config.materialized in ['published_table', 'published_view'] -%}
      {{ exceptions.raise_compiler_error(
          "dbt --sample would publish " ~ node.name ~ " of a part of its rows as if of all. Leave --sample out; to try a part, "
          ~ "build in a schema of its own with fewer raw rows, or leave such models out: --exclude "
          ~ "config.materialized:published_table config.materialized:published_view"
      ) }}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
