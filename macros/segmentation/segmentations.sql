{#
  The names of the segmentations that are on, sorted: those that the setting `segmentations` maps to true. A name is the
  beginning of the nodes that the segmentation owns: <name>_segment_models and so on.
#}
{% macro segmentations() -%}
  {%- set names = [] -%}
  {%- for name, is_on in customer_segmentation.mapping_setting('segmentations').items() if is_on is true -%}
    {%- do names.append(name) -%}
  {%- endfor -%}
  {{ return(names | sort) }}
{%- endmacro %}


{#
  The rows of one kind of table of all segmentations, with the name of the segmentation in front. Takes the tables that
  exist with all columns and types that this model's YAML states, and warns of the others: a segmentation that was never
  built, or was built by another version, keeps no other one out.

  suffix: what the table's name is after that of the segmentation, such as '_segment_models'
#}
{% macro union_of_segmentations(suffix) -%}
  {%- set parts, columns = [], [] -%}
  {%- for name, column in model.columns.items() if name != 'segmentation' -%}
    {%- do columns.append((name, column.data_type)) -%}
  {%- endfor -%}
  {%- for name in customer_segmentation.segmentations() -%}
    {%- set published = ref(name ~ suffix) -%}
    {%- set lacks = customer_segmentation.columns_that_differ(published, columns) if execute else [] -%}
    {%- if lacks -%}
      {%- do exceptions.warn(
          model.name ~ " leaves " ~ name ~ " out: " ~ customer_segmentation.whole_relation(published) ~ " " ~ lacks ~ ". Build " ~ name ~ suffix ~ "."
      ) -%}
    {%- else -%}
      {%- do parts.append((name, published)) -%}
    {%- endif -%}
  {%- endfor -%}

  {%- for name, published in parts %}
select
    '{{ name }}' as segmentation
    {%- for column, type in columns %},
    {{ column }}
    {%- endfor %}
from {{ published }}
    {%- if not loop.last %}
union all
    {%- endif %}
  {%- else %}
select
    cast(null as string) as segmentation
    {%- for column, type in columns %},
    cast(null as {{ type }}) as {{ column }}
    {%- endfor %}
where false
  {%- endfor %}
{%- endmacro %}


{#
  What keeps a relation from being read with the columns given, in words: 'is not there', or the columns that are absent
  or of another type; none where nothing does.

  columns: pairs of name and type
#}
{% macro columns_that_differ(relation, columns) -%}
  {%- set found = {} -%}
  {%- for column in adapter.get_columns_in_relation(customer_segmentation.whole_relation(relation)) -%}
    {%- do found.update({column.name: column.dtype}) -%}
  {%- endfor -%}
  {%- if not found -%} {{ return('is not there') }} {%- endif -%}
  {%- set differing = [] -%}
  {%- for name, type in columns if found.get(name) != type -%}
    {%- do differing.append(name) -%}
  {%- endfor -%}
  {{ return('lacks, or has of another type, ' ~ differing | join(', ') if differing else none) }}
{%- endmacro %}
