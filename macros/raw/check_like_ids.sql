{#
  Warns where more than a share of the ids are there once more in other upper and lower case, as e-mail addresses often are:
  each then counts by itself.

  rows, id:       rows of one id each, and its column
  mapped_by:      the var that maps the id, under the name `id`
  largest_share:  the share of the ids, 0 to 1, that is let pass
#}
{% macro check_like_ids(rows, id, mapped_by, largest_share) -%}
  {#- Spark's first lower() takes three seconds: ids without a letter go without. -#}
  {%- set folded = 'case when ' ~ id ~ " rlike '[^0-9]' then lower(" ~ id ~ ') else ' ~ id ~ ' end' -%}
  {%- set counted = run_query(
      'select count(*) as ids, count(distinct ' ~ folded ~ ') as folded from ' ~ rows
  ).rows[0] -%}
  {%- set more = counted['ids'] - counted['folded'] -%}
  {%- if more > largest_share * counted['ids'] -%}
    {%- do exceptions.warn(
        '{:,} of {:,}'.format(more, counted['ids']) ~ ' values of ' ~ id ~ ' are there once more in other upper and lower case, and '
        ~ 'count by themselves. To make them one, map ' ~ id ~ ' in the var ' ~ mapped_by ~ ' to lower(...) of your column.'
    ) -%}
  {%- endif -%}
{%- endmacro %}
