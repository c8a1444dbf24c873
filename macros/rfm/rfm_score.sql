{#
  How many of the four cut points of `cuts` lie below `column`, plus one: 1 (lowest) to 5 (highest). Equal values get
  equal scores, whatever the number of ties.
#}
{% macro rfm_score(column, cuts) -%}
  1
    + cast({{ column }} > {{ cuts }}.cut_point_1 as int)
    + cast({{ column }} > {{ cuts }}.cut_point_2 as int)
    + cast({{ column }} > {{ cuts }}.cut_point_3 as int)
    + cast({{ column }} > {{ cuts }}.cut_point_4 as int)
{%- endmacro %}
