{#
  on-run-start: stops the run when vars have values outside what is allowed. The message names every such var, its value
  and what is allowed.
#}
{% macro check_settings() -%}
  {%- if execute -%}
    {%- set problems = unknown_settings() + text_problems() + cut_point_problems() -%}

    {%- set choices = {
        'retail_returns': ['netted', 'excluded'],
        'retail_exact_duplicates': ['drop', 'keep'],
        'retail_zero_price_lines': ['reject', 'keep'],
        'retail_negative_price_lines': ['reject', 'keep'],
        'retail_anonymous_lines': ['bucket', 'customer_per_invoice'],
    } -%}
    {%- for name, allowed in choices.items() if var(name) not in allowed -%}
      {%- do problems.append(setting_problem(name, "one of '" ~ allowed | join("', '") ~ "'")) -%}
    {%- endfor -%}

    {%- set patterns = {
        'as_of_date': [
            '([12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?', "a date as 'yyyy-mm-dd' in quotes, or empty"
        ],
        'retail_month_window_end': ['([12][0-9]{3}-(0[1-9]|1[0-2]))?', "a month as 'yyyy-mm' in quotes, or empty"],
        'retail_top_countries': ['[0-9]+', 'a whole number, 0 or more'],
    } -%}
    {%- for name, rule in patterns.items() if not modules.re.fullmatch(rule[0], var(name) | string) -%}
      {%- do problems.append(setting_problem(name, rule[1])) -%}
    {%- endfor -%}
    {%- set as_of_date = var('as_of_date') | string -%}
    {%- set is_date = as_of_date and modules.re.fullmatch(patterns['as_of_date'][0], as_of_date) -%}
    {%- if is_date and not is_calendar_date(as_of_date) -%}
      {%- do problems.append(setting_problem('as_of_date', 'a date that exists in the calendar')) -%}
    {%- endif -%}

    {%- for name in raw_tables() -%}
      {%- do problems.extend(raw_source_problems(name)) -%}
    {%- endfor -%}

    {%- if problems -%}
      {{ exceptions.raise_compiler_error(problems | join('\n')) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{#
  A problem where vars on the command line are none of this project's. In a project that installs this package they may be
  that project's own, unless they begin with the name of a domain.
#}
{% macro unknown_settings() -%}
  {%- set known = [
      'as_of_date', 'missing_texts', 'retrain', 'retail_returns', 'retail_exact_duplicates', 'retail_zero_price_lines',
      'retail_negative_price_lines', 'retail_anonymous_lines', 'retail_cancellation_prefix', 'retail_adjustment_prefix',
      'retail_adjustment_product_ids', 'retail_month_window_end', 'retail_rfm_cut_points', 'retail_top_countries',
      'segmentations', 'segmentation_overrides', 'segmentation_renames', 'segmentation_decisions',
  ] -%}
  {%- for name in raw_tables() -%}
    {%- do known.extend([name ~ '_source', name ~ '_columns', name ~ '_csv', raw_tables()[name]['format_var']]) -%}
  {%- endfor -%}
  {%- set unknown = [] -%}
  {%- for name in invocation_args_dict.get('vars') or {} if name not in known -%}
    {%- if project_name == 'customer_segmentation' or name.startswith('retail_') -%}
      {%- do unknown.append(name) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return([
      'There is no var ' ~ unknown | join(', ') ~ '. The vars are ' ~ known | sort | join(', ')
      ~ '; docs/settings.md says what they do.'
  ] if unknown else []) }}
{%- endmacro %}


{# A problem for each var that should be text, or a list of texts, and is not. #}
{% macro text_problems() -%}
  {%- set problems = [] -%}
  {%- for name in ['retail_cancellation_prefix', 'retail_adjustment_prefix']
      if var(name) is not string -%}
    {%- do problems.append(setting_problem(name, 'a text; empty for none')) -%}
  {%- endfor -%}
  {%- for name in ['missing_texts', 'retail_adjustment_product_ids'] -%}
    {%- set texts = list_setting(name) -%}
    {%- if texts is none or texts | reject('string') | list -%}
      {%- do problems.append(setting_problem(name, "a list of texts, as ['A', 'B']")) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(problems) }}
{%- endmacro %}


{# A problem where a measure of retail_rfm_cut_points is unknown or does not have four ascending numbers. #}
{% macro cut_point_problems() -%}
  {%- set allowed = 'for recency, frequency, monetary four ascending numbers each, as {recency: [7, 30, 90, 180]}' -%}
  {%- set wrong = [] if var('retail_rfm_cut_points') is mapping else ['no mapping'] -%}
  {%- for measure, cuts in mapping_setting('retail_rfm_cut_points').items() -%}
    {%- set numbers = cuts | select('number') | reject('boolean') | list if cuts is iterable else [] -%}
    {%- set ascending = numbers | length == 4 and numbers[0] < numbers[1] < numbers[2] < numbers[3] -%}
    {%- set finite = ascending and -1e15 < numbers[0] and numbers[3] < 1e15 -%}
    {%- if measure not in ['recency', 'frequency', 'monetary'] or not finite or cuts | length != 4 -%}
      {%- do wrong.append(measure) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return([setting_problem('retail_rfm_cut_points', allowed)] if wrong else []) }}
{%- endmacro %}


{# A problem for each var that says where the raw table `name` is and how to read it, and cannot be followed. #}
{% macro raw_source_problems(name) -%}
  {%- set source, columns, csv = name ~ '_source', name ~ '_columns', name ~ '_csv' -%}
  {%- set problems = [] -%}
  {%- if var(source) is not string -%}
    {%- do problems.append(setting_problem(source, 'schema.table, or the path of a .parquet or .csv file, as text')) -%}
  {%- elif raw_source_kind(name) == 'relation' and var(source).count('.') > 1 -%}
    {%- do problems.append(setting_problem(source, "schema.table in the session's own catalog")) -%}
  {%- elif raw_source_kind(name) == 'file' and raw_file_format(name) is none -%}
    {%- do problems.append(setting_problem(
        source, 'a file that ends in .parquet, .csv, .csv.gz or .csv.bz2, or a folder of Parquet files'
    )) -%}
  {%- elif raw_source_kind(name) == 'file' and not modules.re.match('/|[A-Za-z][A-Za-z0-9+.-]*:', var(source) | trim) -%}
    {%- do problems.append(setting_problem(source, 'the whole path of the file, which begins with / or as s3a://')) -%}
  {%- endif -%}

  {%- set ours = raw_tables()[name]['columns'] -%}
  {%- set targets = mapping_setting(columns).values() | list -%}
  {%- if var(columns) is not mapping or targets | reject('in', ours) | list -%}
    {%- do problems.append(setting_problem(
        columns, '{their_column: our_column} with our_column one of ' ~ ours | join(', ')
    )) -%}
  {%- elif targets | unique | list | length < targets | length -%}
    {%- do problems.append(setting_problem(columns, 'one column of theirs for each of ours')) -%}
  {%- endif -%}

  {%- set options = mapping_setting(csv) -%}
  {%- if var(csv) is not mapping or options.keys() | reject('in', ['sep', 'encoding', 'quote', 'escape']) | list
      or options.values() | reject('string') | list -%}
    {%- do problems.append(setting_problem(
        csv, "texts for sep, encoding, quote, escape, as {sep: ';', encoding: ISO-8859-1}"
    )) -%}
  {%- endif -%}

  {%- set format_var = raw_tables()[name]['format_var'] -%}
  {%- if not is_date_pattern(var(format_var)) -%}
    {%- do problems.append(setting_problem(
        format_var, "a Spark datetime pattern with year (y), month (M) and day (d), as 'd/M/yyyy H:mm', or empty"
    )) -%}
  {%- endif -%}
  {{ return(problems) }}
{%- endmacro %}


{# Whether a value is empty or a Spark datetime pattern of a whole date. Text in quotes is literal. #}
{% macro is_date_pattern(pattern) -%}
  {%- if pattern is not string -%} {{ return(false) }} {%- endif -%}
  {%- set letters = modules.re.findall('[A-Za-z]', modules.re.sub("'[^']*'", '', pattern)) -%}
  {%- set has_date = 'd' in letters and ('M' in letters or 'L' in letters) and ('y' in letters or 'u' in letters) -%}
  {%- set unknown = letters | reject('in', 'GyuMLdahHkKmsSVzOXxZ' | list) | list -%}
  {{ return(pattern == '' or (has_date and not unknown)) }}
{%- endmacro %}


{% macro setting_problem(name, allowed) -%}
  {{ return("The var " ~ name ~ " is '" ~ var(name) ~ "'. Allowed: " ~ allowed ~ ".") }}
{%- endmacro %}


{# The value of a var that is a mapping, else an empty one: models are parsed before check_settings can refuse it. #}
{% macro mapping_setting(name) -%}
  {{ return(var(name) if var(name) is mapping else {}) }}
{%- endmacro %}


{# The value of a var that is a list, else none. #}
{% macro list_setting(name) -%}
  {%- set value = var(name) -%}
  {{ return(value if value is sequence and value is not string and value is not mapping else none) }}
{%- endmacro %}


{# Whether 'yyyy-mm-dd', already of that form, is a day of the calendar ('2024-02-30' is not). #}
{% macro is_calendar_date(text) -%}
  {%- set parts = text.split('-') -%}
  {%- set month_starts = modules.datetime.date(parts[0] | int, parts[1] | int, 1) -%}
  {%- set day = month_starts + modules.datetime.timedelta(days=(parts[2] | int) - 1) -%}
  {{ return(day.month == month_starts.month) }}
{%- endmacro %}
