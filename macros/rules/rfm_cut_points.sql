{#
  The four cut points of one RFM measure as an array of doubles: those of the var retail_rfm_cut_points, else the exact
  20th, 40th, 60th and 80th percentiles of `column` over the customers. An aggregate: one value for the table.
#}
{% macro rfm_cut_points(measure, column) -%}
  {%- set given = mapping_setting('retail_rfm_cut_points').get(measure) -%}
  {%- if given -%}
    max(array({% for cut in given %}cast({{ cut }} as double){% if not loop.last %}, {% endif %}{% endfor %}))
  {%- else -%}
    percentile(cast({{ column }} as double), array(0.2, 0.4, 0.6, 0.8))
  {%- endif -%}
{%- endmacro %}
