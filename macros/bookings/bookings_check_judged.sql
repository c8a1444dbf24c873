{# Before judged rows are published: says what was rejected, and stops where too much was. #}
{% macro bookings_check_judged_customers(rows) -%}
  {%- do customer_segmentation.check_judged_rows(
      'customers',
      rows,
      owner='customer_id',
      governed_by={
          'malformed_line': 'bookings_customers_csv',
          'not_a_customer': 'bookings_customers_filter',
          'missing_customer': 'bookings_customers_columns',
          'exact_duplicate': 'bookings_customers_columns',
          'duplicate_customer': 'bookings_customers_columns',
      },
      asked_for=['erased', 'not_a_customer'],
      share_setting='bookings_largest_rejected_share',
      example="concat_ws(' ', 'customer', customer_id)",
      may_be_empty=true
  ) -%}
{%- endmacro %}


{% macro bookings_check_judged_bookings(rows) -%}
  {%- do customer_segmentation.check_judged_rows(
      'bookings',
      rows,
      owner='customer_id',
      money='revenue',
      governed_by={
          'malformed_line': 'bookings_bookings_csv',
          'not_a_booking': 'bookings_bookings_filter',
          'unparsable_booked_at': 'bookings_booked_at_format',
          'unparsable_arrival': 'bookings_arrival_date_format',
          'missing_booking': 'bookings_bookings_columns',
          'missing_arrival': 'bookings_bookings_columns',
          'missing_nights': 'bookings_bookings_columns',
          'unparsable_nights': 'bookings_bookings_columns',
          'missing_status': 'bookings_bookings_columns',
          'unknown_status': 'bookings_bookings_columns',
          'missing_revenue': 'bookings_bookings_columns',
          'unparsable_revenue': 'bookings_bookings_numbers',
          'missing_currency': 'bookings_bookings_columns',
          'missing_rate': 'bookings_rates_source',
          'zero_nights': 'bookings_zero_nights',
          'negative_revenue': 'bookings_negative_revenue',
          'not_yet_arrived': 'as_of_date',
          'exact_duplicate': 'bookings_bookings_columns',
          'duplicate_booking': 'bookings_bookings_columns',
      },
      asked_for=['erased', 'not_a_booking', 'not_yet_arrived'],
      share_setting='bookings_largest_rejected_share',
      example="concat_ws(' ', 'booking', booking_id, 'booked', coalesce(booked_at_text, cast(booked_at as string)), 'arrival', "
          ~ "coalesce(arrival_date_text, cast(arrival_date as string)), 'nights', coalesce(nights_text, cast(nights as string)), "
          ~ "'status', status_text, 'revenue', coalesce(revenue_text, cast(revenue_in_currency as string)), currency)"
  ) -%}
{%- endmacro %}


{% macro bookings_check_judged_campaign_events(rows) -%}
  {%- do customer_segmentation.check_judged_rows(
      'campaign events',
      rows,
      owner='customer_id',
      governed_by={
          'malformed_line': 'bookings_campaign_events_csv',
          'not_a_campaign_event': 'bookings_campaign_events_filter',
          'missing_customer': 'bookings_campaign_events_columns',
          'missing_campaign': 'bookings_campaign_events_columns',
          'missing_event': 'bookings_campaign_events_columns',
          'unknown_event': 'bookings_campaign_events_columns',
          'missing_time': 'bookings_campaign_events_columns',
          'unparsable_time': 'bookings_occurred_at_format',
          'after_as_of_date': 'as_of_date',
          'before_signup': 'bookings_customers_columns',
      },
      asked_for=['erased', 'not_a_campaign_event', 'after_as_of_date'],
      share_setting='bookings_largest_rejected_share',
      example="concat_ws(' ', 'campaign', campaign_id, 'event', event_text, 'at', coalesce(occurred_at_text, cast(occurred_at as string)))",
      may_be_empty=true
  ) -%}
{%- endmacro %}
