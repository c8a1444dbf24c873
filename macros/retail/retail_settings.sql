{# The settings of retail, with their defaults; macros/settings/segmentation_settings.sql says what the keys are. #}
{% macro retail_settings() -%}
  {%- set raw_data, accepted = 'Retail: raw data', 'Retail: what is accepted' -%}
  {%- set reports = 'Retail: features and reports' -%}
  {{ return({
      'retail_format': {
          'default': '', 'kind': 'choice', 'group': raw_data,
          'allowed': [''] + (customer_segmentation.retail_formats() | list),
          'meaning': 'The known format of the raw order lines: `uci`, `shopify`, `woocommerce`, `stripe_charges`, '
              '`order_level`. It gives other settings a value, columns and conventions, which '
              '`macros/retail/retail_formats.sql` lists; what you set yourself takes precedence.',
      },
      'retail_order_lines_source': {
          'default': '', 'kind': 'raw_source', 'group': raw_data,
          'meaning': 'Where the raw order lines are: `schema.table`, or the whole path of a file that every Spark machine can '
              'read, of a folder of files, or a pattern as `/data/2024-*.csv`. Files are CSV with a header (`.csv`, `.tsv`, '
              '`.txt`), JSON lines (`.json`, `.jsonl`, `.ndjson`), each also with `.gz` or `.bz2`, or Parquet (`.parquet`). '
              'Empty: the shipped sample. A line of a CSV file with more or fewer fields than the header, other than empty '
              'ones at its end, is rejected (`malformed_line`).',
      },
      'retail_order_lines_csv': {
          'default': {}, 'kind': 'raw_csv', 'group': raw_data,
          'meaning': 'How a CSV file is written, where not with commas in UTF-8 and quotes doubled: `sep`, `encoding` (any '
              'name that Java or Python has), `quote`, `escape`, `comment` (the sign that a comment line begins with), '
              '`skip_lines` (lines above the header, empty ones not counted), `header: false` for files without one, whose '
              'columns are `_c0`, `_c1` and so on, as `{sep: ";", encoding: windows-1252}`. Files of another ending than those '
              'of `retail_order_lines_source` are CSV where this is set.',
      },
      'retail_order_lines_numbers': {
          'default': {}, 'kind': 'raw_numbers', 'group': raw_data, 'allowed': customer_segmentation.currencies() | list,
          'meaning': 'How numbers are written where they are text: the signs `decimal` and `thousands`, as `{decimal: ",", '
              'thousands: "."}`; one of the two is enough. Without it every number is read that can be read in one way only; '
              'where `1.234` may be 1.234 or 1234 the run stops. `currency`, as `{currency: EUR}`: numbers with the sign or '
              'code of another one are not read. docs/raw_data.md lists what is read.',
      },
      'retail_order_lines_columns': {
          'default': {}, 'kind': 'raw_columns', 'group': raw_data,
          'allowed': customer_segmentation.retail_raw_tables()['retail_order_lines']['columns'],
          'meaning': 'Our column: the name of yours, or a Spark SQL expression over yours, for columns that differ: '
              '`{invoice_id: Order ID, unit_price: Sales / Quantity, customer_id: lower(Email)}`. Needed are `customer_id`, '
              '`ordered_at`, and `unit_price` or `line_amount`, the money of the line, which counts where both are given. '
              '`order_amount` is money of the whole order, such as shipping less discount, once or on each of its lines: it '
              'is spread over its lines in proportion to their amounts, to the last cent.',
      },
      'retail_order_lines_filter': {
          'default': '', 'kind': 'text', 'group': raw_data,
          'meaning': "Spark SQL condition over your columns that holds for the rows that are orders: `Status <> 'Cancelled'`. "
              'All others, also those for which it is null, are rejected (`not_an_order`). Empty: all rows are.',
      },
      'retail_columns_of_the_order': {
          'default': [], 'kind': 'some_of', 'group': raw_data,
          'allowed': ['customer_id', 'ordered_at', 'country', 'currency'],
          'meaning': 'Our columns that stand only on one line of an order, from which its other lines take them, as '
              '`[customer_id, country]`. Then an order is none as soon as the filter refuses one of its lines.',
      },
      'retail_ordered_at_format': {
          'default': '', 'kind': 'date_pattern', 'group': raw_data,
          'meaning': 'Spark datetime pattern of the order date where it is text, such as `d/M/yyyy H:mm`, or `M/d/yy` for years '
              'of two digits, which are 2000 to 2099. Empty: ISO 8601 with year, month and day, a date or timestamp column, or '
              'a Unix time of 9, 10, 13, 16 or 19 digits. Where most dates are written as 03/04/2024 the run stops without it. '
              'Years before 1000 and from 3000 on are not read.',
      },
      'retail_order_lines_time_zone': {
          'default': '', 'kind': 'time_zone', 'group': raw_data,
          'meaning': 'The time zone whose days count, as `Europe/Berlin`: a date with an offset, a Unix time and a timestamp '
              'column with a time zone are turned into the time there. Empty: the offset is ignored, so that the day is the '
              'one that is written; Unix times and timestamp columns are in UTC.',
      },
      'retail_rates_source': {
          'default': '', 'kind': 'raw_source', 'group': raw_data,
          'meaning': 'Where the rates are, a table or file as for the order lines, with the columns `rate_date`, `currency` and '
              '`rate`, the money of your reporting currency that one unit is worth. With it all money of a line is multiplied '
              'by the newest rate up to its day, of the currency that its column `currency` names; a line without one is '
              'rejected (`missing_rate`). Empty: none, and order lines in more than one currency stop the run.',
      },
      'retail_rates_columns': {
          'default': {}, 'kind': 'raw_columns', 'group': raw_data,
          'allowed': customer_segmentation.retail_raw_tables()['retail_rates']['columns'],
          'meaning': 'Our column of the rates: the name of yours, or a Spark SQL expression: `{rate: 1 / units_per_euro}`.',
      },
      'retail_rates_csv': {
          'default': {}, 'kind': 'raw_csv', 'group': raw_data,
          'meaning': 'As `retail_order_lines_csv`, of the rates.',
      },
      'retail_rates_numbers': {
          'default': {}, 'kind': 'raw_numbers', 'group': raw_data, 'allowed': customer_segmentation.currencies() | list,
          'meaning': 'As `retail_order_lines_numbers`, of the rates.',
      },
      'retail_rates_date_format': {
          'default': '', 'kind': 'date_pattern', 'group': raw_data,
          'meaning': 'As `retail_ordered_at_format`, of the rates.',
      },
      'retail_reporting_currency': {
          'default': '', 'kind': 'choice', 'group': raw_data, 'allowed': [''] + (customer_segmentation.currencies() | list),
          'meaning': 'The currency that has the rate 1, as `EUR`, where the rates do not list it.',
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
          'default': '', 'kind': 'text', 'group': accepted,
          'meaning': 'Invoices with this prefix take goods back, as do negative quantities and, where there is no unit price, '
              'negative amounts. Such a line whose amount is above zero is rejected (`positive_return`): its sign '
              'contradicts it. Empty: no prefix does; `retail_format: uci` has `C`.',
      },
      'retail_adjustment_prefix': {
          'default': '', 'kind': 'text', 'group': accepted,
          'meaning': 'Invoices with this prefix book an adjustment and are rejected. Empty: none does; `retail_format: uci` has '
              '`A`.',
      },
      'retail_adjustment_product_ids': {
          'default': [], 'kind': 'texts', 'group': accepted,
          'meaning': 'Products that stand for an adjustment; their lines are rejected. `retail_format: uci` has `B`.',
      },

      'retail_largest_rejected_share': {
          'default': 0.2, 'kind': 'share', 'group': accepted,
          'meaning': 'The largest share of the raw lines, 0 to 1, that one reason may reject. Beyond it the build stops before '
              'anything is published, with the reason, the var that governs it and examples. Lines that are '
              '`not_an_order`, `after_as_of_date` or `erased` were asked for, and do not count.',
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
