{#
  Which cells of tables of counts must not be published, so that no group of fewer than `smallest` is: the small cells, and in
  their rows as many of the next larger ones that those hidden are two or more and together not small. The total of a row
  then tells only what all its hidden cells are together. The total of a column would tell more: it is hidden where one of
  its cells is.

  From `totals` comes a query of one row for each value and part of each table: those columns, `count`, the `measures`,
  is_hidden and is_total_hidden. Cells in which nobody is are rows as well, of 0: that a cell is empty would give its
  neighbours away.

  totals:    a CTE with one row for each cell in which anybody is
  table:     its column that tells tables apart
  value:     the column of the tables' columns
  part:      the column of the tables' rows; their totals are taken to be known
  count:     the number of people
  measures:  further columns, numbers that are 0 for nobody
  smallest:  the smallest number that may be published
  empty:     false where the query needs neither cells in which nobody is nor is_total_hidden, and reads `totals` but once: the
             others are hidden as before
#}
{% macro hidden_cells(totals, table, value, part, count, smallest, measures=[], empty=true) -%}
    {%- set values, parts = ('all_values', 'all_parts') if empty else ('totals', 'totals') -%}
    select
        *
        {%- if empty %},
        max(is_hidden) over (partition by {{ table }}, {{ value }}) as is_total_hidden
        {%- endif %}
    from (
        select
            {{ table }},
            {{ value }},
            {{ part }},
            {{ count }}
            {%- for measure in measures %},
            {{ measure }}
            {%- endfor %},
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
            from (
                select
                    {{ values }}.{{ table }},
                    {{ values }}.{{ value }},
                    {{ parts }}.{{ part }}
                    {%- for column in [count] + measures %},
                    coalesce(totals.{{ column }}, 0) as {{ column }}
                    {%- endfor %}
                {%- if empty %}
                from (select distinct {{ table }}, {{ value }} from {{ totals }}) as all_values
                cross join (select distinct {{ part }} from {{ totals }}) as all_parts
                left join {{ totals }} as totals
                    on
                        all_values.{{ table }} = totals.{{ table }}
                        and all_values.{{ value }} = totals.{{ value }}
                        and all_parts.{{ part }} = totals.{{ part }}
                {%- else %}
                from {{ totals }} as totals
                {%- endif %}
            ) as cells
        ) as ranked
    ) as judged_cells
{%- endmacro %}
