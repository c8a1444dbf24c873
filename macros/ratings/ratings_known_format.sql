{#
  What follows from other settings, where a setting has no value of its own: the range of the sample's ratings, and the
  expression of the genres from their flags. Read as vars: `setting` asks this macro.
#}
{% macro ratings_known_format() -%}
  {%- set given = {} -%}
  {%- if var('ratings_ratings_source', '') == '' -%}
    {%- do given.update({'ratings_lowest': 1, 'ratings_highest': 5}) -%}
  {%- endif -%}
  {%- set flags = var('ratings_genre_flags', {}) -%}
  {%- if flags is mapping and flags -%}
    {%- do given.update({'ratings_items_columns': {'genres': customer_segmentation.ratings_flagged_genres(flags)}}) -%}
  {%- endif -%}
  {{ return(given) }}
{%- endmacro %}


{#
  The names of the genres whose condition over the raw columns holds, as one text with the character U+0001 between them.

  flags: SQL conditions by genre
#}
{% macro ratings_flagged_genres(flags) -%}
  {%- set names = [] -%}
  {%- for genre, condition in flags.items() -%}
    {%- do names.append(
        'case when ' ~ condition ~ ' then ' ~ customer_segmentation.string_literal(genre | string) ~ ' end'
    ) -%}
  {%- endfor -%}
  {{ return("concat_ws('\\u0001', " ~ names | join(', ') ~ ')') }}
{%- endmacro %}


{# The pattern, as a Spark literal, of what stands between the genres in the text that staging reads. #}
{% macro ratings_genre_separator() -%}
  {%- set has_flags = customer_segmentation.mapping_setting('ratings_genre_flags') != {} -%}
  {%- set separator = customer_segmentation.setting('ratings_genre_separator') | string -%}
  {{ return("'\\u0001'" if has_flags else customer_segmentation.string_literal(modules.re.escape(separator))) }}
{%- endmacro %}
