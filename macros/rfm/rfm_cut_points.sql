{#
  The four cut points of one RFM measure as an array of doubles: those that the setting `cuts_setting` has for it, else the
  exact 20th, 40th, 60th and 80th percentiles of `column` over the customers. An aggregate: one value for the table.
#}
{% macro rfm_cut_points(measure, column, cuts_setting) -%}
  {%- set given = customer_segmentation.mapping_setting(cuts_setting).get(measure) -%}
  {%- if given is sequence -%}
    max(array({% for cut in given %}cast({{ cut }} as double){% if not loop.last %}, {% endif %}{% endfor %}))
  {%- else -%}
    percentile(cast({{ column }} as double), array(0.2, 0.4, 0.6, 0.8))
  {%- endif -%}
{%- endmacro %}
