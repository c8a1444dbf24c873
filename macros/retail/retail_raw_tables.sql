{#
  The raw tables of retail: for each, its sample seed, if any, the columns that staging reads, and which of them are numbers and
  times, whose texts are looked at before a run reads them; of a time the setting with its pattern is named. A raw table has
  the settings <name>_source, <name>_columns, <name>_filter and <name>_csv, one with numbers also <name>_numbers, one with
  times <name>_time_zone.

  'optional': what the run does without a column, empty where nobody expects one. 'one_of': columns of which one is
  needed. 'not_in_sample': columns that the sample lacks. 'rates': the raw table with rates for amounts whose currency the
  column `currency` names. A raw table without a sample is absent where its source is empty.
#}
{% macro retail_raw_tables() -%}
  {{ return({
      'retail_order_lines': {
          'sample': 'retail_raw_order_lines',
          'columns': [
              'invoice_id', 'product_id', 'description', 'quantity', 'ordered_at', 'unit_price', 'customer_id', 'country',
              'line_amount', 'order_amount', 'currency',
          ],
          'optional': {
              'invoice_id': 'each row is an order, and none a copy of another',
              'product_id': 'products are not told apart',
              'description': 'stays empty',
              'quantity': 'is 1',
              'country': 'stays empty',
              'order_amount': '',
              'currency': '',
          },
          'one_of': ['unit_price', 'line_amount'],
          'not_in_sample': ['line_amount', 'order_amount', 'currency'],
          'numbers': ['quantity', 'unit_price', 'line_amount', 'order_amount'],
          'times': {'ordered_at': 'retail_ordered_at_format'},
          'rates': 'retail_rates',
      },
      'retail_rates': {
          'columns': ['rate_date', 'currency', 'rate'],
          'numbers': ['rate'],
          'times': {'rate_date': 'retail_rates_date_format'},
      },
  }) }}
{%- endmacro %}
