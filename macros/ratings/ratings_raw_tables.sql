{#
  The raw tables of ratings; macros/retail/retail_raw_tables.sql and macros/bookings/bookings_raw_tables.sql say what the
  keys are.
#}
{% macro ratings_raw_tables() -%}
  {{ return({
      'ratings_ratings': {
          'sample': 'ratings_raw_ratings',
          'columns': ['user_id', 'item_id', 'rating', 'rated_at'],
          'optional': {
              'rating': 'rows are counted: a rating is how many a user has of an item',
              'rated_at': 'no rating has a time',
          },
          'numbers': ['rating'],
          'times': {'rated_at': 'ratings_rated_at_format'},
      },
      'ratings_items': {
          'sample': 'ratings_raw_items',
          'sample_with': 'ratings_ratings',
          'columns': ['item_id', 'title', 'genres'],
          'optional': {
              'title': 'is the id of the item',
              'genres': 'items have none',
          },
          'absent_by': 'ratings_absent_tables',
      },
  }) }}
{%- endmacro %}
