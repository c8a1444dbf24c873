{#
  on-run-start: stops the run when vars have values outside what is allowed. The message names every such var, its value
  and what is allowed.
#}
{% macro check_settings() -%}
  {%- if execute -%}
    {%- set problems = [] -%}

    {%- set choices = {
        'retail_returns': ['netted', 'excluded'],
        'retail_exact_duplicates': ['drop', 'keep'],
        'retail_zero_price_lines': ['reject', 'keep'],
        'retail_negative_price_lines': ['reject', 'keep'],
        'retail_anonymous_lines': ['bucket', 'customer_per_invoice'],
        'retail_rename_segments': [true, false],
        'retail_decision': ['promoted', 'rolled_back'],
        'retrain': ['', 'retail', 'all'],
    } -%}
    {%- for name, allowed in choices.items() if var(name) not in allowed -%}
      {%- do problems.append(setting_problem(name, "one of '" ~ allowed | join("', '") ~ "'")) -%}
    {%- endfor -%}

    {%- set patterns = {
        'as_of_date': [
            '^([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$', "a date as 'yyyy-mm-dd' in quotes, or empty"
        ],
        'retail_month_window_end': ['^([0-9]{4}-(0[1-9]|1[0-2]))?$', "a month as 'yyyy-mm' in quotes, or empty"],
        'retail_top_countries': ['^[0-9]+$', 'a whole number, 0 or more'],
    } -%}
    {%- for name, rule in patterns.items() if not modules.re.match(rule[0], var(name) | string) -%}
      {%- do problems.append(setting_problem(name, rule[1])) -%}
    {%- endfor -%}
    {%- set as_of_date = var('as_of_date') | string -%}
    {%- set is_date = as_of_date and modules.re.match(patterns['as_of_date'][0], as_of_date) -%}
    {%- if is_date and not is_calendar_date(as_of_date) -%}
      {%- do problems.append(setting_problem('as_of_date', 'a date that exists in the calendar')) -%}
    {%- endif -%}

    {%- for measure, cuts in var('retail_rfm_cut_points').items() -%}
      {%- set is_list = cuts is sequence and cuts is not string -%}
      {%- set four_ascending = is_list and cuts | length == 4 and cuts | sort == cuts -%}
      {%- if measure not in ['recency', 'frequency', 'monetary'] or not four_ascending -%}
        {%- do problems.append(setting_problem(
            'retail_rfm_cut_points',
            "for each of recency, frequency, monetary four ascending numbers, as {recency: [7, 30, 90, 180]}"
        )) -%}
      {%- endif -%}
    {%- endfor -%}

    {%- for name in raw_tables() -%}
      {%- for theirs, ours in var(name ~ '_columns').items() if ours not in raw_tables()[name]['columns'] -%}
        {%- do problems.append(setting_problem(
            name ~ '_columns',
            "{their_column: our_column} with our_column one of " ~ raw_tables()[name]['columns'] | join(', ')
        )) -%}
      {%- endfor -%}
    {%- endfor -%}

    {%- if problems -%}
      {{ exceptions.raise_compiler_error(problems | join('\n')) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{% macro setting_problem(name, allowed) -%}
  {{ return("The var " ~ name ~ " is '" ~ var(name) ~ "'. Allowed: " ~ allowed ~ ".") }}
{%- endmacro %}


{# Whether 'yyyy-mm-dd', already of that form, is a day of the calendar ('2024-02-30' is not). #}
{% macro is_calendar_date(text) -%}
  {%- set parts = text.split('-') -%}
  {%- set month_starts = modules.datetime.date(parts[0] | int, parts[1] | int, 1) -%}
  {%- set day = month_starts + modules.datetime.timedelta(days=(parts[2] | int) - 1) -%}
  {{ return(day.month == month_starts.month) }}
{%- endmacro %}
