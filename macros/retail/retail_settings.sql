{# The settings of retail, with their defaults; macros/settings/segmentation_settings.sql says what the keys are. #}
{% macro retail_settings() -%}
  {%- set raw_data, accepted = 'Retail: raw data', 'Retail: what is accepted' -%}
  {%- set reports = 'Retail: features and reports' -%}
  {{ return({
      'retail_order_lines_source': {
          'default': '', 'kind': 'raw_source', 'group': raw_data,
          'meaning': 'Where the raw order lines are: `schema.table`, or the whole path of a file that every Spark machine '
              'can read: `.parquet`, or a folder of such files; `.csv` with a header, also `.csv.gz` and `.csv.bz2`. Empty: '
              'the shipped sample. A line of a CSV file with more or fewer fields than the header is rejected '
              '(`malformed_line`).',
      },
      'retail_order_lines_csv': {
          'default': {}, 'kind': 'raw_csv', 'group': raw_data,
          'meaning': 'How a CSV file is written, where not with commas in UTF-8 and quotes doubled: `sep`, `encoding`, '
              '`quote`, `escape`, as `{sep: ";", encoding: ISO-8859-1}`.',
      },
      'retail_order_lines_columns': {
          'default': {}, 'kind': 'raw_columns', 'group': raw_data,
          'allowed': customer_segmentation.retail_raw_tables()['retail_order_lines']['columns'],
          'meaning': 'Your column name: our column name, for columns that differ: `{InvoiceNo: invoice_id}`.',
      },
      'retail_ordered_at_format': {
          'default': '', 'kind': 'date_pattern', 'group': raw_data,
          'meaning': 'Spark datetime pattern of the order date where it is text, such as `d/M/yyyy H:mm`. Empty: ISO 8601 '
              'with year (1000 to 2999), month and day, a date or timestamp column, or a Unix time of 10, 13, 16 or 19 '
              'digits. An offset in the text is ignored: the day is the local one.',
      },

      'retail_returns': {
          'default': 'netted', 'kind': 'choice', 'allowed': ['netted', 'excluded'], 'group': accepted,
          'meaning': '`netted`: returns lower the net revenue of their customer; a return of a customer without any accepted '
              'purchase is rejected (`return_without_purchase`), as there is nothing to net it against. `excluded`: all '
              'returns are rejected.',
      },
      'retail_exact_duplicates': {
          'default': 'drop', 'kind': 'choice', 'allowed': ['drop', 'keep'], 'group': accepted,
          'meaning': '`drop`: of lines that are equal in every column that is read (the eight above, ids and texts without '
              'white space) one is accepted. `keep`: all are, as for a source whose lines have a number of their own.',
      },
      'retail_zero_price_lines': {
          'default': 'reject', 'kind': 'choice', 'allowed': ['reject', 'keep'], 'group': accepted,
          'meaning': '`reject` or `keep` lines whose unit price is 0.',
      },
      'retail_negative_price_lines': {
          'default': 'reject', 'kind': 'choice', 'allowed': ['reject', 'keep'], 'group': accepted,
          'meaning': '`reject` or `keep` lines whose unit price is below 0.',
      },
      'retail_anonymous_lines': {
          'default': 'bucket', 'kind': 'choice', 'allowed': ['bucket', 'customer_per_invoice'], 'group': accepted,
          'meaning': "`bucket`: lines without a customer stay out of the customer tables and appear as segment 0, 'Anonymous', "
              'in `retail_revenue_by_segment`. `customer_per_invoice`: each such invoice is a customer of its own, '
              '`anonymous-<invoice>`.',
      },
      'retail_cancellation_prefix': {
          'default': 'C', 'kind': 'text', 'group': accepted,
          'meaning': 'Invoices with this prefix take goods back, as do negative quantities. Such a line whose amount is above '
              'zero is rejected (`positive_return`): its sign contradicts it.',
      },
      'retail_adjustment_prefix': {
          'default': 'A', 'kind': 'text', 'group': accepted,
          'meaning': 'Invoices with this prefix book an adjustment and are rejected.',
      },
      'retail_adjustment_product_ids': {
          'default': ['B'], 'kind': 'texts', 'group': accepted,
          'meaning': 'Products that stand for an adjustment; their lines are rejected.',
      },

      'retail_month_window_end': {
          'default': '', 'kind': 'month', 'group': reports,
          'meaning': "`'yyyy-mm'`, month 00 of the twelve months of the pivot columns. Empty: the month of the as-of date.",
      },
      'retail_rfm_cut_points': {
          'default': {}, 'kind': 'cut_points', 'allowed': ['recency', 'frequency', 'monetary'], 'group': reports,
          'meaning': 'Four ascending cut points for `recency` (days), `frequency` (orders), `monetary` (net revenue): '
              '`{recency: [30, 90, 180, 365]}`. A measure left out is cut at its quintiles.',
      },
      'retail_top_countries': {
          'default': 5, 'kind': 'whole_number', 'group': reports,
          'meaning': 'Countries named in `retail_revenue_by_segment`; the rest is `Other`.',
      },
  }) }}
{%- endmacro %}
