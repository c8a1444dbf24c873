{#
  The raw tables of retail: for each, its sample seed and the columns that staging reads. A raw table has the settings
  <name>_source, <name>_columns and <name>_csv.
#}
{% macro retail_raw_tables() -%}
  {{ return({
      'retail_order_lines': {
          'sample': 'retail_raw_order_lines',
          'columns': [
              'invoice_id', 'product_id', 'description', 'quantity',
              'ordered_at', 'unit_price', 'customer_id', 'country',
          ],
      },
  }) }}
{%- endmacro %}
