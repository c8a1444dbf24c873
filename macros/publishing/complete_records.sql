{#
  on-run-end: where a run has published or left as it is every table and view of the package's materializations, all that
  Spark's own catalog shows is on record for other engines. Delta and Iceberg tables never are. A run with
  `--empty` may have published nothing.
#}
{% macro complete_records(results) -%}
  {%- if execute and not flags.EMPTY and customer_segmentation.keeps_records() -%}
    {%- set done = results | selectattr('status', 'equalto', 'success') | map(attribute='node.unique_id') | list -%}
    {%- set open = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model'
        and node.config.materialized in ['published_table', 'published_view'] and (
            node.unique_id not in done or customer_segmentation.is_natively_atomic(node.config.file_format)
        ) -%}
      {%- do open.append(node.name) -%}
    {%- endfor -%}
    {%- if not open -%} {%- do adapter.complete_records() -%} {%- endif -%}
  {%- endif -%}
{%- endmacro %}
