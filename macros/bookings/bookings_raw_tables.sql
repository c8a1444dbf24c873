{#
  The raw tables of bookings; macros/retail/retail_raw_tables.sql says what the keys are. What tells who a guest is (name,
  e-mail, phone, address) is not among the columns: nothing downstream can read it.

  'absent_by': the setting that says that there is no such table; the run then goes on without it. 'sample_with': the table
  with whose sample that of this one goes.
#}
{% macro bookings_raw_tables() -%}
  {{ return({
      'bookings_customers': {
          'sample': 'bookings_raw_customers',
          'sample_with': 'bookings_bookings',
          'columns': [
              'customer_id', 'gender', 'birth_date', 'birth_year', 'country', 'language', 'signed_up_at', 'email_consent',
              'sms_consent',
          ],
          'optional': {
              'gender': 'is unknown',
              'birth_date': 'the age is that of the birth year',
              'birth_year': 'the age is that of the birth date',
              'country': 'is that of the newest booking, else Unknown',
              'language': 'is unknown',
              'signed_up_at': 'no campaign event is before it',
              'email_consent': 'is none',
              'sms_consent': 'is none',
          },
          'numbers': ['birth_year'],
          'times': {'birth_date': 'bookings_birth_date_format', 'signed_up_at': 'bookings_signed_up_at_format'},
          'absent_by': 'bookings_absent_tables',
      },
      'bookings_bookings': {
          'sample': 'bookings_raw_bookings',
          'columns': [
              'booking_id', 'customer_id', 'property_id', 'stay_type', 'visit_category', 'booked_at', 'arrival_date',
              'nights', 'guests', 'channel', 'status', 'revenue', 'currency', 'country',
          ],
          'optional': {
              'booking_id': 'each row is a booking, and none a copy of another',
              'customer_id': 'no booking has a customer',
              'property_id': 'is Unknown',
              'stay_type': 'is unknown',
              'visit_category': 'is unknown',
              'booked_at': 'no lead time is known',
              'guests': 'no party size is known',
              'channel': 'is unknown',
              'status': 'all bookings were kept',
              'currency': '',
              'country': '',
          },
          'not_in_sample': ['country'],
          'numbers': ['nights', 'guests', 'revenue'],
          'times': {'booked_at': 'bookings_booked_at_format', 'arrival_date': 'bookings_arrival_date_format'},
          'rates': 'bookings_rates',
      },
      'bookings_campaign_events': {
          'sample': 'bookings_raw_campaign_events',
          'sample_with': 'bookings_bookings',
          'columns': ['customer_id', 'campaign_id', 'campaign_type', 'event', 'occurred_at'],
          'optional': {'campaign_type': 'is unknown'},
          'times': {'occurred_at': 'bookings_occurred_at_format'},
          'absent_by': 'bookings_absent_tables',
      },
      'bookings_rates': {
          'sample': 'bookings_raw_rates',
          'sample_with': 'bookings_bookings',
          'columns': ['rate_date', 'currency', 'rate'],
          'numbers': ['rate'],
          'times': {'rate_date': 'bookings_rates_date_format'},
      },
  }) }}
{%- endmacro %}
