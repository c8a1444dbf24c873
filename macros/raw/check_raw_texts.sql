{#
  Stops the run where the texts of a raw table can be read in more than one way and no setting says in which: numbers such
  as '1.234', amounts in several currencies, dates such as 03/04/2024. The message has counts, examples, and the setting.
  `columns`: the select list over `relation` that raw_columns gives.
#}
{% macro check_raw_texts(name, relation, columns) -%}
  {%- set rows = '(select ' ~ columns ~ ' from ' ~ relation ~ ') as raw_rows' -%}
  {%- set given = given_columns(name) -%}
  {%- set texts = columns_that_are_text(name, rows, given) -%}
  {%- set has_currency = 'currency' in given -%}
  {%- set of_numbers = number_problems(name, rows, texts, has_currency) -%}
  {%- set of_currencies = currency_problems(name, rows) if has_currency else [] -%}
  {%- set problems = of_numbers + of_currencies + date_problems(name, rows, texts) -%}
  {%- if problems -%}
    {{ exceptions.raise_compiler_error(
        "Raw table " ~ raw_source(name) ~ " has texts that can be read in more than one way:\n- " ~ problems | join('\n- ')
    ) }}
  {%- endif -%}
{%- endmacro %}


{# Checks the texts of a raw table, those of a file only where file or settings are others than at the last check. #}
{% macro check_raw_texts_once(name, relation) -%}
  {%- set columns = raw_columns(name) -%}
  {%- if raw_source_kind(name) == 'file' -%}
    {%- set files = state_of_raw_files(name) -%}
    {%- set checked = local_md5(tojson([files, what_raw_texts_are_checked_for(name, columns)])) -%}
    {%- if 'checked=' ~ checked not in load_relation(relation).information -%}
      {% do check_raw_texts(name, relation, columns) %}
      {%- do adapter.dispatch('remember_check', 'customer_segmentation')(relation, checked) -%}
      {%- set files = modules.re.search('files=([0-9a-f]{32})', files).group(1) -%}
      {% do remember_published(relation, {'files': files, 'checked': checked}) %}
    {%- endif -%}
  {%- elif flags.WHICH in ['build', 'run'] -%}
    {% do check_raw_texts(name, relation, columns) %}
  {%- endif -%}
{%- endmacro %}


{% macro spark__remember_check(relation, checked) -%}
  {% do run_query('alter table ' ~ relation ~ " set tblproperties ('checked' = '" ~ checked ~ "')") %}
{%- endmacro %}


{% macro sail__remember_check(relation, checked) -%}
  {%- do adapter.add_to_record(relation, {'checked': checked}) -%}
{%- endmacro %}


{# What the check of a raw table's texts depends on besides the texts. #}
{% macro what_raw_texts_are_checked_for(name, columns) -%}
  {%- set patterns = [] -%}
  {%- for pattern in raw_table_entry(name).get('times', {}).values() -%}
    {%- do patterns.append(setting(pattern)) -%}
  {%- endfor -%}
  {%- set rates = raw_table_entry(name).get('rates') -%}
  {%- set rates_kind = raw_source_kind(rates) if rates else '' -%}
  {{ return([columns, raw_numbers(name), patterns, rates_kind] | string) }}
{%- endmacro %}


{# Those of the `given` columns of numbers and times that are text: only their rows need to be looked at. #}
{% macro columns_that_are_text(name, rows, given) -%}
  {%- set entry = raw_table_entry(name) -%}
  {%- set columns = (entry.get('numbers', []) + entry.get('times', {}).keys() | list) | select('in', given) | list -%}
  {%- if not columns -%} {{ return([]) }} {%- endif -%}
  {%- set types = [] -%}
  {%- for column in columns -%} {%- do types.append(raw_is_text(column) ~ ' as ' ~ column) -%} {%- endfor -%}
  {%- set first = run_query('select ' ~ types | join(', ') ~ ' from ' ~ rows ~ ' limit 1').rows -%}
  {%- set texts = [] -%}
  {%- for column in columns if first and first[0][column] -%} {%- do texts.append(column) -%} {%- endfor -%}
  {{ return(texts) }}
{%- endmacro %}


{# A sentence or two for each of the columns `texts` that has numbers and is ambiguous or has several currencies. #}
{% macro number_problems(name, rows, texts, has_currency) -%}
  {%- set columns = raw_table_entry(name).get('numbers', []) | select('in', texts) | list -%}
  {%- if not columns -%} {{ return([]) }} {%- endif -%}
  {%- set numbers = raw_numbers(name) -%}
  {%- set has_currency_column = 'rates' in raw_table_entry(name) and has_currency -%}
  {%- set counted = run_query(counted_numbers(name, rows, columns, numbers)) -%}
  {%- set problems = [] -%}
  {%- for column in columns -%}
    {%- set found = {} -%}
    {%- for measure in ['points', 'commas', 'unclear_points', 'unclear_commas', 'marks'] -%}
      {%- do found.update({measure: counted.rows[0][column ~ '_' ~ measure]}) -%}
    {%- endfor -%}
    {%- set unclear = found.unclear_points + found.unclear_commas -%}
    {%- if unclear and not notation_is_set(numbers) and (found.commas or not found.points) -%}
      {%- set examples = example_texts(name, rows, column, ambiguous_pattern('.,')) -%}
      {%- set example = examples[0] -%}
      {%- set bare = example | replace('.', '') | replace(',', '') -%}
      {%- set fraction = example | replace(',', '.') -%}
      {%- set point_reads = fraction if '.' in example else bare -%}
      {%- set comma_reads = bare if '.' in example else fraction -%}
      {%- do problems.append(
          named_column(name, column) ~ ": " ~ unclear ~ " numbers such as " ~ examples | join('; ')
          ~ " may have a sign of decimals or of thousands. Of the other numbers " ~ found.points
          ~ " are written with a decimal point and " ~ found.commas ~ " with a decimal comma. Set the var " ~ name
          ~ "_numbers to {decimal: '.'}, which reads " ~ example ~ " as " ~ point_reads ~ ", or to {decimal: ','}, which reads it as "
          ~ comma_reads ~ "."
      ) -%}
    {%- endif -%}
    {%- set marks = (found.marks or '').split('\n') | reject('eq', '') | list -%}
    {%- if not numbers.currency and not has_currency_column and not is_one_currency(marks) -%}
      {%- do problems.append(
          named_column(name, column) ~ ": its numbers are in more than one currency: " ~ marks | sort | join(', ')
          ~ ". Amounts in several currencies cannot be added. "
          ~ what_several_currencies_need(name) ~ " Or set the var " ~ name ~ "_numbers to the currency whose lines are read, as "
          ~ "{currency: EUR}; the others are then rejected."
      ) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(problems) }}
{%- endmacro %}


{# A sentence where a column `currency` names more than one of the rows that count, and there is no table of rates. #}
{% macro currency_problems(name, rows) -%}
  {%- set rates = raw_table_entry(name).get('rates') -%}
  {%- if not rates or raw_source_kind(rates) != 'absent' -%}
    {{ return([]) }}
  {%- endif -%}
  {%- set code = currency_code(raw_text('currency')) -%}
  {%- set counted = run_query(
      'select ' ~ code ~ ' as code, count(*) as row_count from ' ~ rows ~ ' where is_selected group by ' ~ code
      ~ ' having code is not null order by row_count desc, code limit 10'
  ).rows -%}
  {%- if counted | length < 2 -%} {{ return([]) }} {%- endif -%}
  {%- set found = [] -%}
  {%- for row in counted -%} {%- do found.append(row[0] ~ ' (' ~ row[1] ~ ')') -%} {%- endfor -%}
  {{ return([
      named_column(name, 'currency') ~ ': rows are in more than one currency: ' ~ found | join(', ')
      ~ '. Amounts in several currencies cannot be added. ' ~ what_several_currencies_need(name)
  ]) }}
{%- endmacro %}


{# What to do about a raw table whose amounts are in several currencies. #}
{% macro what_several_currencies_need(name) -%}
  {%- set rates = raw_table_entry(name).get('rates') -%}
  {%- if not rates -%} {{ return('Give a table with amounts in one currency.') }} {%- endif -%}
  {{ return(
      'Set the var ' ~ rates ~ '_source to a table or file with the columns rate_date, currency and rate, and map currency in '
      ~ name ~ '_columns to the code of a row\'s currency.'
  ) }}
{%- endmacro %}


{#
  One row of counts a raw table, for each column of numbers that is text: `_points` and `_commas`, the numbers that are
  written with a decimal point or comma without doubt; `_unclear_points` and `_unclear_commas`, those that fit both
  notations; `_marks`, the signs and codes of currencies, one a line. Integers are not looked at.
#}
{% macro counted_numbers(name, rows, columns, numbers) -%}
  {%- set currency = numbers.currency or '' -%}
  {%- set ambiguous = string_literal(ambiguous_pattern('.,')) -%}
  {%- set mark = currency_pattern() -%}
  {%- set notations = number_notations({}) -%}
  with

  texts as (

      select
          {%- for column in columns %}
          case
              when {{ raw_is_text(column) }} and not {{ raw_text(column) }} rlike '^[0-9]+$'
                  then {{ raw_text(column) }}
          end as {{ column }}_text{{ ',' if not loop.last }}
          {%- endfor %}
      from {{ rows }}

  ),

  -- Most texts have digits and a sign alone and need no look at what stands around them.
  bare as (

      select
          {%- for column in columns %}
          {{ column }}_text rlike '^[0-9]+[.][0-9]+$' as {{ column }}_is_plain,
          case
              when {{ column }}_text rlike '^[-+]?[0-9.,]+$' then {{ column }}_text
              when {{ column }}_text rlike '[0-9]' then {{ bare_number(column ~ '_text', currency) }}
          end as {{ column }}_bare,
          case
              when not {{ column }}_text rlike '^[-+]?[0-9.,]+$' and {{ column }}_text rlike '[0-9]'
                  then lower(concat(
                      regexp_extract({{ ascii_number(column ~ '_text') }}, {{ string_literal('(?iu)^[-+(]? *(' ~ mark ~ ') *[-+(]? *[0-9.,]') }}, 1),
                      regexp_extract({{ ascii_number(column ~ '_text') }}, {{ string_literal('(?iu)[0-9.,)-] *(' ~ mark ~ ') *[-)]?$') }}, 1)
                  ))
          end as {{ column }}_mark{{ ',' if not loop.last }}
          {%- endfor %}
      from texts

  ),

  notations as (

      select
          {%- for column in columns %}
          {{ column }}_mark,
          case
              when {{ column }}_bare rlike {{ ambiguous }}
                  then if(contains({{ column }}_bare, '.'), 'unclear_points', 'unclear_commas')
              when {{ column }}_is_plain then 'points'
              when not {{ column }}_bare rlike '[.,]' then 'none'
              when {{ column }}_bare rlike {{ string_literal(notation_pattern(notations[0])) }} then 'points'
              when {{ column }}_bare rlike {{ string_literal(notation_pattern(notations[1])) }} then 'commas'
          end as {{ column }}_notation{{ ',' if not loop.last }}
          {%- endfor %}
      from bare

  )

  select
      {%- for column in columns %}
      {%- for notation in ['points', 'commas', 'unclear_points', 'unclear_commas'] %}
      coalesce(sum(case when {{ column }}_notation = '{{ notation }}' then 1 end), 0) as {{ column }}_{{ notation }},
      {%- endfor %}
      array_join(collect_set(regexp_replace({{ column }}_mark, '[.]', '')), '\n') as {{ column }}_marks{{ ',' if not loop.last }}
      {%- endfor %}
  from notations
{%- endmacro %}


{# Three texts of a column whose number, without what stands around it, is of a pattern. #}
{% macro example_texts(name, rows, column, pattern) -%}
  {%- set found = run_query(
      'select distinct text from (select ' ~ raw_text(column) ~ ' as text from ' ~ rows ~ ') as texts where '
      ~ bare_number('text') ~ ' rlike ' ~ string_literal(pattern) ~ ' order by text limit 3'
  ) -%}
  {{ return(found.rows | map('first') | list) }}
{%- endmacro %}


{# The name of a raw column, with ours where it has another one. #}
{% macro named_column(name, column) -%}
  {%- set theirs = raw_mapping(name).get(column, column) -%}
  {{ return(theirs if theirs == column else theirs ~ ' (' ~ column ~ ')') }}
{%- endmacro %}


{# Whether signs and codes of currencies, in small letters, may all stand for one currency: '$' and 'cad' may. #}
{% macro is_one_currency(marks) -%}
  {%- if marks | length < 2 -%} {{ return(true) }} {%- endif -%}
  {%- for code, others in currencies().items() -%}
    {%- if marks | reject('in', [code | lower] + others) | list | length == 0 -%} {{ return(true) }} {%- endif -%}
  {%- endfor -%}
  {{ return(false) }}
{%- endmacro %}


{#
  A sentence or two for each of the columns `texts` that has times, no pattern, and 03/04/2024 in most lines: it names the
  patterns that read them. Fewer such texts among ISO dates are rejected, line by line.
#}
{% macro date_problems(name, rows, texts) -%}
  {%- set problems = [] -%}
  {%- for column, pattern_var in raw_table_entry(name).get('times', {}).items()
      if column in texts and not setting(pattern_var) -%}
    {%- set counted = run_query(counted_dates(name, rows, column)).rows[0] -%}
    {%- if counted['numeric_dates'] > counted['others'] -%}
      {%- set shape = modules.re.match(
          '([0-9]+)([-/.])([0-9]+)[-/.]([0-9]+)(?:([ T]+)([0-9]{1,2}):[0-9]{2}(:[0-9]{2})?([.][0-9]+)?( ?[AaPp][Mm])?)?',
          counted['example'],
      ) -%}
      {%- set year = 'yyyy' if shape.group(4) | length == 4 else 'yy' -%}
      {%- set time = '' -%}
      {%- if shape.group(6) -%}
        {%- set time = ("'T'" if shape.group(5) == 'T' else shape.group(5)) ~ ('h' if shape.group(9) else 'H') ~ ':mm'
            ~ (':ss' if shape.group(7) else '') ~ ('.' ~ 'S' * (shape.group(8) | length - 1) if shape.group(8) else '')
            ~ ((' a' if ' ' in shape.group(9) else 'a') if shape.group(9) else '') -%}
      {%- endif -%}
      {%- set sign = shape.group(2) -%}
      {%- set day_first = 'd' ~ sign ~ 'M' ~ sign ~ year ~ time -%}
      {%- set month_first = 'M' ~ sign ~ 'd' ~ sign ~ year ~ time -%}
      {%- set texts = [counted['smallest'], counted['example'], counted['largest']] | unique | join('; ') -%}
      {%- set said = named_column(name, column) ~ ': ' ~ counted['numeric_dates'] ~ ' dates such as ' ~ texts -%}
      {%- if counted['day_first'] and not counted['month_first'] -%}
        {%- do problems.append(said ~ ', of which ' ~ counted['day_first'] ~ ' can only have the day first. Set the var '
            ~ pattern_var ~ ' to "' ~ day_first ~ '".') -%}
      {%- elif counted['month_first'] and not counted['day_first'] -%}
        {%- do problems.append(said ~ ', of which ' ~ counted['month_first'] ~ ' can only have the month first. Set the var '
            ~ pattern_var ~ ' to "' ~ month_first ~ '".') -%}
      {%- else -%}
        {%- do problems.append(said ~ ', of which ' ~ counted['day_first'] ~ ' can only have the day first and '
            ~ counted['month_first'] ~ ' only the month. Set the var ' ~ pattern_var ~ ' to "' ~ day_first ~ '" if the day is first, to "'
            ~ month_first ~ '" if the month is.') -%}
      {%- endif -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(problems) }}
{%- endmacro %}


{#
  Counts of a column of times that is text: `numeric_dates` such as 3/4/24 or 03.04.2024, `others`, and of the former those
  that can only have the day or the month first; three of their texts.
#}
{% macro counted_dates(name, rows, column) -%}
  {%- set numeric = '^[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{2}|[0-9]{4})([^0-9]|$)' -%}
  with

  texts as (

      select {{ raw_text(column) }} as text
      from {{ rows }}
      where {{ raw_is_text(column) }}

  ),

  numeric_dates as (

      select
          text,
          text rlike {{ string_literal(numeric) }} as is_numeric_date
      from texts
      where text is not null

  ),

  ordered_dates as (

      select
          case when is_numeric_date then text end as text,
          is_numeric_date,
          -- Looked into only where it is one: Spark works the text out anew for each use.
          is_numeric_date and try_cast(regexp_extract(text, '^([0-9]+)', 1) as int) > 12 as is_day_first,
          is_numeric_date and try_cast(regexp_extract(text, '^[0-9]+[-/.]([0-9]+)', 1) as int) > 12
              as is_month_first
      from numeric_dates

  )

  select
      coalesce(sum(case when is_numeric_date then 1 end), 0) as numeric_dates,
      coalesce(sum(case when not is_numeric_date then 1 end), 0) as others,
      coalesce(sum(case when is_day_first and not is_month_first then 1 end), 0) as day_first,
      coalesce(sum(case when is_month_first and not is_day_first then 1 end), 0) as month_first,
      min(text) as smallest,
      max(text) as largest,
      any_value(text, true) as example
  from ordered_dates
{%- endmacro %}
