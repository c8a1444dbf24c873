{#
  Post-hook of the judged lines: stops the build where no line of a customer was accepted, before the tables behind are
  replaced by empty ones. The message has the reasons.
#}
{% macro require_accepted_lines(lines) -%}
  {%- if execute and not flags.EMPTY -%}
    {%- set accepted = run_query(
        'select 1 from ' ~ lines ~ ' where rejection_reason is null and customer_id is not null limit 1'
    ) -%}
    {%- if accepted.rows | length == 0 -%}
      {%- set reasons = run_query(
          "select reason, count(*) as line_count from (select coalesce(rejection_reason, 'accepted without a customer') as reason from "
          ~ lines ~ ") group by reason order by line_count desc, reason"
      ) -%}
      {%- set counted = [] -%}
      {%- for reason in reasons.rows -%}
        {%- do counted.append(reason[1] ~ ' ' ~ reason[0]) -%}
      {%- endfor -%}
      {{ exceptions.raise_compiler_error(
          "No raw line of a customer was accepted, of " ~ (counted | join(', ') or 'no lines at all') ~ ". The tables behind "
          ~ lines ~ " stay as they are. docs/settings.md says which vars decide what is accepted."
      ) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
