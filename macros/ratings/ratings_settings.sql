{# The settings of ratings, with their defaults; macros/settings/segmentation_settings.sql says what the keys are. #}
{% macro ratings_settings() -%}
  {%- set raw_data, accepted, matrix = 'Ratings: raw data', 'Ratings: what is accepted', 'Ratings: the matrix' -%}
  {%- set reports = 'Ratings: reports' -%}
  {%- set settings = {
      'ratings_absent_tables': {
          'default': [], 'kind': 'some_of', 'allowed': ['ratings_items'], 'group': raw_data,
          'meaning': 'Raw tables that there are not: `[ratings_items]`. Without items those that are rated are the items, '
              'called by their ids and of no genre, and no rating is rejected as of an unknown one.',
      },
  } -%}
  {%- set tables = {'ratings_ratings': ['ratings', 'rating'], 'ratings_items': ['items', 'item']} -%}
  {%- set columns_said = {
      'ratings_ratings': 'Needed are `user_id` and `item_id`. Without `rating` each row is a time that a user has used an item, and '
          'a rating is their number.',
      'ratings_items': 'Needed is `item_id`. `genres` is one text (`ratings_genre_separator`), unless `ratings_genre_flags` says '
          'which columns are flags.',
  } -%}
  {%- set empty = {
      'ratings_ratings': 'also of the items.',
      'ratings_items': 'with that of the ratings; beside ratings of your own it must be set, or the table be declared absent.',
  } -%}
  {%- for name, entry in customer_segmentation.ratings_raw_tables().items() -%}
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
      name ~ '_filter': {
          'default': '', 'kind': 'text', 'group': raw_data,
          'meaning': 'Spark SQL condition over your columns that holds for the rows that are ' ~ rows ~ '. All others are '
              ~ 'rejected (`not_a' ~ ('n' if row == 'item' else '') ~ '_' ~ row ~ '`). Empty: all rows are.',
      },
    }) -%}
  {%- endfor -%}
  {%- do settings.update({
      'ratings_ratings_numbers': {
          'default': {}, 'kind': 'raw_numbers', 'group': raw_data, 'allowed': customer_segmentation.currencies() | list,
          'meaning': 'How ratings are written where they are text, as `retail_order_lines_numbers`.',
      },
      'ratings_ratings_time_zone': {
          'default': '', 'kind': 'time_zone', 'group': raw_data,
          'meaning': 'The time zone whose days count in the ratings, as `retail_order_lines_time_zone`.',
      },
      'ratings_rated_at_format': {
          'default': '', 'kind': 'date_pattern', 'group': raw_data,
          'meaning': 'Spark datetime pattern of `rated_at` where it is text, as `retail_ordered_at_format`. Empty: ISO 8601, a date '
              'or timestamp column, or a Unix time.',
      },
      'ratings_genre_separator': {
          'default': '|', 'kind': 'text', 'group': raw_data,
          'meaning': 'What stands between the genres of an item, where they are one text. Empty: the text is one genre.',
      },
      'ratings_genre_flags': {
          'default': {}, 'kind': 'conditions', 'group': raw_data,
          'meaning': 'Genre: a Spark SQL condition over the columns of the raw items that holds for its items, as '
              '`{Comedy: "_c10 = 1", Drama: "_c13 = 1"}`. Not beside `genres` in `ratings_items_columns`, which comes first.',
      },
      'ratings_lowest': {
          'default': '', 'kind': 'number', 'group': accepted,
          'meaning': 'The lowest rating that there can be; what is below is rejected (`out_of_range`). Empty: there is none; 1 for '
              'the sample.',
      },
      'ratings_highest': {
          'default': '', 'kind': 'number', 'group': accepted,
          'meaning': 'The highest rating that there can be, as `ratings_lowest`. Empty: there is none; 5 for the sample.',
      },
      'ratings_repeated': {
          'default': 'last', 'kind': 'choice', 'allowed': ['last', 'mean', 'sum', 'max'], 'group': accepted,
          'meaning': 'What counts where a user has rated an item more than once. `last` and `max`: the rating of the newest time (of '
              'several at one time, or without a time, the highest), or the highest; the others are rejected '
              '(`repeated_rating`). `mean` and `sum`: all of them. A log without ratings is counted, whatever this says.',
      },
      'ratings_exact_duplicates': {
          'default': 'reject', 'kind': 'choice', 'allowed': ['reject', 'keep'], 'group': accepted,
          'meaning': '`reject` ratings that are a copy of another one in user, item, rating and time (`exact_duplicate`), or `keep` '
              'them, as where the ratings are numbers of uses, have no time, and are added. Rows of a log without ratings are no '
              'copies.',
      },
      'ratings_largest_rejected_share': {
          'default': 0.2, 'kind': 'share', 'group': accepted,
          'meaning': 'The largest share of the rows of a raw table, 0 to 1, that one reason may reject, as '
              '`retail_largest_rejected_share`. Rows that the filter refuses or that are after the as-of date were asked for, and '
              'do not count; neither do those of erased users.',
      },
      'ratings_least_ratings_of_item': {
          'default': 5, 'kind': 'whole_number', 'group': matrix,
          'meaning': 'Items with ratings by fewer users are left out of `ratings_user_items`, and listed in `ratings_left_out`. 0 or '
              '1: none that is rated. Items come first, then users, each once: an item may have fewer ratings by the users that stay.',
      },
      'ratings_least_ratings_of_user': {
          'default': 5, 'kind': 'whole_number', 'group': matrix,
          'meaning': 'Users with ratings of fewer of the items that stay are left out of `ratings_user_items` and '
              '`ratings_user_features`, are in no segment, and are listed in `ratings_left_out`. 0 or 1: those who rated none of '
              'these items.',
      },
      'ratings_value': {
          'default': 'raw', 'kind': 'choice', 'allowed': ['raw', 'binary', 'log1p', 'centred'], 'group': matrix,
          'meaning': 'What the matrix of users and items holds; an absent pair is 0. `raw`: the rating, and 0 is less than any that '
              'is above 0: not to rate is to like less. `binary`: 1 for a rating of any height; who has rated what, not how. '
              '`log1p`: ln(1 + rating), for counts; ratings below 0 are rejected (`negative_rating`). `centred`: the rating less '
              'the mean of the user\'s ratings in the matrix; an absent pair is a rating as the user gives on average.',
      },
  }) -%}
  {%- do settings.update({
      'ratings_smallest_group': {
          'default': 5, 'kind': 'whole_number', 'group': reports,
          'meaning': 'A group of fewer users is not published: it has no figures or no row in the reports, and neither have as '
              'many others as keep it from being had by subtraction. 0 or 1: all are.',
      },
      'ratings_items_of_component': {
          'default': 10, 'kind': 'whole_number', 'group': reports,
          'meaning': 'Items listed at each end of a component in `ratings_component_items`.',
      },
      'ratings_named_after': {
          'default': 'genres', 'kind': 'choice', 'allowed': ['genres', 'items'], 'group': reports,
          'meaning': 'What a new segment is named after: `genres`, or items where none marks it; `items`: only items.',
      },
      'ratings_least_raters_of_name': {
          'default': 10, 'kind': 'whole_number', 'group': reports,
          'meaning': 'A genre or an item names a segment only where at least so many of its users rated it.',
      },
  }) -%}
  {{ return(settings) }}
{%- endmacro %}
