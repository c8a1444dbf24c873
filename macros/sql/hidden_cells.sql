{#
  Which cells of tables of counts must not be published, so that no group of fewer than `smallest` is: the small cells, and in
  their rows as many of the next larger ones that those hidden are two or more and together not small. The total of a row
  then tells only what all its hidden cells are together. The total of a column would tell more: it is hidden where one of
  its cells is. A select list over `cells`: all its columns, is_hidden and is_total_hidden.

  cells:     a CTE with one row for each cell, also where the count is 0: which cells are empty must not show
  table:     its columns that tell tables apart
  value:     the column of the tables' columns
  part:      the column of the tables' rows; their totals are taken to be known
  count:     the number of people
  smallest:  the smallest number that may be published
#}
{% macro hidden_cells(cells, table, value, part, count, smallest) -%}
    select
        *,
        max(is_hidden) over (partition by {{ table }}, {{ value }}) as is_total_hidden
    from (
        select
            *,
            has_small
            and ({{ count }} between 1 and {{ smallest }} - 1 or size_rank <= 2 or smaller_cells < {{ smallest }})
                as is_hidden
        from (
            select
                *,
                max({{ count }} between 1 and {{ smallest }} - 1) over (partition by {{ table }}, {{ part }})
                    as has_small,
                row_number() over (
                    partition by {{ table }}, {{ part }} order by {{ count }} = 0, {{ count }}, {{ value }}
                ) as size_rank,
                coalesce(sum({{ count }}) over (
                    partition by {{ table }}, {{ part }} order by {{ count }} = 0, {{ count }}, {{ value }}
                    rows between unbounded preceding and 1 preceding
                ), 0) as smaller_cells
            from {{ cells }}
        ) as ranked
    ) as judged_cells
{%- endmacro %}
