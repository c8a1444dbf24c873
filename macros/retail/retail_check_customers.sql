{#
  Before the features are published: warns where the case of their id alone makes more than a hundredth of the customers.
#}
{% macro retail_check_customers(customers) -%}
  {%- do customer_segmentation.check_like_ids(customers, 'customer_id', 'retail_order_lines_columns', 0.01) -%}
{%- endmacro %}
