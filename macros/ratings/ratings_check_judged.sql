{#
  Before judged rows are published: says what was rejected, and stops where too much was, or where the features could be as of
  no day.
#}
{% macro ratings_check_judged_ratings(rows) -%}
  {%- do customer_segmentation.check_judged_rows(
      'ratings',
      rows,
      owner='user_id',
      owner_is='a user',
      governed_by={
          'malformed_line': 'ratings_ratings_csv',
          'not_a_rating': 'ratings_ratings_filter',
          'missing_user': 'ratings_ratings_columns',
          'missing_item': 'ratings_ratings_columns',
          'unknown_item': 'ratings_items_source',
          'missing_rating': 'ratings_ratings_columns',
          'unparsable_rating': 'ratings_ratings_numbers',
          'out_of_range': 'ratings_lowest or ratings_highest',
          'negative_rating': 'ratings_value',
          'unparsable_time': 'ratings_rated_at_format',
          'after_as_of_date': 'as_of_date',
          'exact_duplicate': 'ratings_exact_duplicates',
          'repeated_rating': 'ratings_repeated',
      },
      asked_for=['erased', 'not_a_rating', 'after_as_of_date'],
      share_setting='ratings_largest_rejected_share',
      example="concat_ws(' ', 'user', user_id, 'item', item_id, 'rating', coalesce(rating_text, cast(rating as string)), 'at', "
          ~ "coalesce(rated_at_text, cast(rated_at as string)))"
  ) -%}
  {%- if not customer_segmentation.setting('as_of_date') -%}
    {%- set has_time = 'select 1 from ' ~ rows ~ ' where rejection_reason is null and rated_at is not null limit 1' -%}
    {%- if run_query(has_time).rows | length == 0 -%}
      {{ exceptions.raise_compiler_error(
          'No accepted rating has a time, so there is no newest day that the features are as of. Set the var as_of_date to the '
          ~ "day that the ratings are of, as '2024-12-31', or map rated_at in the var ratings_ratings_columns. Nothing that is "
          ~ 'published changes.'
      ) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{% macro ratings_check_judged_items(rows) -%}
  {%- do customer_segmentation.check_judged_rows(
      'items',
      rows,
      owner='item_id',
      owner_is='an item id',
      governed_by={
          'malformed_line': 'ratings_items_csv',
          'not_an_item': 'ratings_items_filter',
          'missing_item': 'ratings_items_columns',
          'exact_duplicate': 'ratings_items_columns',
          'duplicate_item': 'ratings_items_columns',
      },
      asked_for=['not_an_item'],
      share_setting='ratings_largest_rejected_share',
      example="concat_ws(' ', 'item', item_id, title)",
      may_be_empty=true
  ) -%}
{%- endmacro %}


{# Before what is left out of the matrix is published: says how many users, items and ratings that are. #}
{% macro ratings_check_left_out(rows) -%}
  {%- set counted = run_query(
      "select kind, count(*) as ids, sum(number_of_ratings) as ratings from " ~ rows ~ " group by kind order by kind"
  ).rows -%}
  {%- set said = [] -%}
  {%- for row in counted -%}
    {%- do said.append(
        '{:,}'.format(row[1] | int) ~ ' ' ~ row[0] ~ 's with ' ~ '{:,}'.format(row[2] | int) ~ ' ratings'
    ) -%}
  {%- endfor -%}
  {%- do log(
      'Left out of ratings_user_items by ratings_least_ratings_of_item and ratings_least_ratings_of_user: '
      ~ (said | join(', ') or 'none') ~ '.',
      info=true
  ) -%}
{%- endmacro %}
