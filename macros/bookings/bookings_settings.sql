{# The settings of bookings, with their defaults; macros/settings/segmentation_settings.sql says what the keys are. #}
{% macro bookings_settings() -%}
  {%- set raw_data, accepted = 'Bookings: raw data', 'Bookings: what is accepted' -%}
  {%- set reports = 'Bookings: features and reports' -%}
  {%- set settings = {
      'bookings_absent_tables': {
          'default': [], 'kind': 'some_of', 'allowed': ['bookings_customers', 'bookings_campaign_events'],
          'group': raw_data,
          'meaning': 'Raw tables that there are not, as `[bookings_campaign_events]`. Without customers every guest has '
              'unknown demographics, the country of the newest booking, and no consent; without campaign events all '
              'engagement is 0 and its report has no rows.',
      },
  } -%}
  {%- set tables = {
      'bookings_customers': ['customers', 'customer'],
      'bookings_bookings': ['bookings', 'booking'],
      'bookings_campaign_events': ['campaign events', 'campaign event'],
      'bookings_rates': ['rates', 'rate'],
  } -%}
  {%- set columns_said = {
      'bookings_customers': 'Needed is `customer_id`. Names, e-mail, phone and address are never read.',
      'bookings_bookings': 'Needed are `arrival_date`, `nights` and `revenue`. `country` is that of the guest, for one whom '
          'no customers table knows.',
      'bookings_campaign_events': 'Needed are `customer_id`, `campaign_id`, `event` and `occurred_at`.',
      'bookings_rates': 'Needed are all: `rate` is the money of the reporting currency that one unit is worth from `rate_date` on, '
          'to the next one of the currency. Revenue takes that of the day of arrival.',
  } -%}
  {%- set empty = {
      'bookings_customers': 'with that of the bookings; beside bookings of your own it must be set, or the table be declared absent.',
      'bookings_bookings': 'also of the other tables.',
      'bookings_campaign_events': 'as for the customers.',
      'bookings_rates': 'with that of the bookings; beside bookings of your own there are none, and more than one currency stops the run.',
  } -%}
  {%- for name, entry in customer_segmentation.bookings_raw_tables().items() -%}
    {%- set rows, row = tables[name] -%}
    {%- do settings.update({
      name ~ '_source': {
          'default': '', 'kind': 'raw_source', 'group': raw_data,
          'meaning': 'Where the raw ' ~ rows ~ ' are, as `retail_order_lines_source`. Empty: the shipped sample, ' ~ empty[name],
      },
      name ~ '_csv': {
          'default': {}, 'kind': 'raw_csv', 'group': raw_data,
          'meaning': 'How a CSV file of ' ~ rows ~ ' is written, as `retail_order_lines_csv`.',
      },
      name ~ '_columns': {
          'default': {}, 'kind': 'raw_columns', 'group': raw_data, 'allowed': entry['columns'],
          'meaning': 'Our column: the name of yours, or a Spark SQL expression over yours, for columns that differ. '
              ~ columns_said[name],
      },
    }) -%}
    {%- if name != 'bookings_rates' -%}
      {%- do settings.update({
        name ~ '_filter': {
            'default': '', 'kind': 'text', 'group': raw_data,
            'meaning': 'Spark SQL condition over your columns that holds for the rows that are ' ~ rows ~ '. All others are '
                ~ 'rejected (`not_a_' ~ row.replace(' ', '_') ~ '`). Empty: all rows are.',
        },
        name ~ '_time_zone': {
            'default': '', 'kind': 'time_zone', 'group': raw_data,
            'meaning': 'The time zone whose days count in the ' ~ rows ~ ', as `retail_order_lines_time_zone`.',
        },
      }) -%}
    {%- endif -%}
    {%- if entry.get('numbers') -%}
      {%- do settings.update({
        name ~ '_numbers': {
            'default': {}, 'kind': 'raw_numbers', 'group': raw_data, 'allowed': customer_segmentation.currencies() | list,
            'meaning': 'How numbers of the ' ~ rows ~ ' are written where they are text, as `retail_order_lines_numbers`.',
        },
      }) -%}
    {%- endif -%}
    {%- for column, pattern in entry['times'].items() -%}
      {%- do settings.update({
        pattern: {
            'default': '', 'kind': 'date_pattern', 'group': raw_data,
            'meaning': 'Spark datetime pattern of `' ~ column ~ '` of the ' ~ rows ~ ' where it is text, as '
                ~ '`retail_ordered_at_format`. Empty: ISO 8601, a date or timestamp column, or a Unix time.',
        },
      }) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- do settings.update({
      'bookings_reporting_currency': {
          'default': '', 'kind': 'choice', 'group': raw_data, 'allowed': [''] + (customer_segmentation.currencies() | list),
          'meaning': 'The currency that has the rate 1, as `EUR`, where the rates do not list it.',
      },
      'bookings_without_customer': {
          'default': 'bucket', 'kind': 'choice', 'allowed': ['bucket', 'customer_per_booking'], 'group': accepted,
          'meaning': "`bucket`: bookings without a customer stay out of the customer tables and appear as segment 0, 'No "
              "segment', in the reports. `customer_per_booking`: each of them is a customer of its own, "
              '`booking-<booking>`.',
      },
      'bookings_zero_nights': {
          'default': 'reject', 'kind': 'choice', 'allowed': ['reject', 'keep'], 'group': accepted,
          'meaning': '`reject` or `keep` bookings of no nights, as for the use of a room by day.',
      },
      'bookings_negative_revenue': {
          'default': 'reject', 'kind': 'choice', 'allowed': ['reject', 'keep'], 'group': accepted,
          'meaning': '`reject` or `keep` bookings whose revenue is below 0.',
      },
      'bookings_largest_rejected_share': {
          'default': 0.2, 'kind': 'share', 'group': accepted,
          'meaning': 'The largest share of the rows of a raw table, 0 to 1, that one reason may reject, as '
              '`retail_largest_rejected_share`. Rows that the filter refuses, that are after the as-of date or have not '
              'arrived yet were asked for, and do not count; neither do those of erased customers.',
      },
      'bookings_month_window_end': {
          'default': '', 'kind': 'month', 'group': reports,
          'meaning': "`'yyyy-mm'`, month 00 of the twelve months of the pivot columns. Empty: the month of the as-of date.",
      },
      'bookings_rare_level_share': {
          'default': 0.02, 'kind': 'share', 'group': reports,
          'meaning': 'Country groups of a smaller share of the customers than this are `Other` in `country_group_level`.',
      },
      'bookings_top_countries': {
          'default': 5, 'kind': 'whole_number', 'group': reports,
          'meaning': 'Countries named in `bookings_revenue_by_segment`; the rest is `Other`.',
      },
      'bookings_top_properties': {
          'default': 10, 'kind': 'whole_number', 'group': reports,
          'meaning': 'Properties named in `bookings_revenue_by_segment`; the rest is `Other`.',
      },
      'bookings_smallest_group': {
          'default': 5, 'kind': 'whole_number', 'group': reports,
          'meaning': 'A group of fewer guests is not published: its figures are null in the reports, and so are as many '
              'others as keep it from being had by subtraction. 0 or 1: all are.',
      },
  }) -%}
  {{ return(settings) }}
{%- endmacro %}
