{#
  Says how many of some judged rows are accepted, and for each reason how many are rejected and what they are worth. Stops
  the build where no row with an owner is accepted, and where one reason rejects too large a share of the rows.

  rows:            the judged rows, with `rejection_reason`
  owner:           its column with the customer, or with what else each row is of
  owner_is:        what that is, for the message
  governed_by:     the var that governs a reason, by reason
  asked_for:       reasons that the user asked for, which may reject any share
  share_setting:   the var with the largest share of the rows that one reason may reject
  example:         a SQL expression that describes a row
  money:           the column of `rows` with the amount; none where rows are worth nothing
  may_be_empty:    whether a table without any row is a fact and no fault
#}
{% macro check_judged_rows(
    what, rows, owner, governed_by, asked_for, share_setting, example, money=none, may_be_empty=false,
    owner_is='a customer'
) -%}
  {%- set counted = run_query(
      "select coalesce(rejection_reason, '') as reason, count(*) as row_count, " ~ ('sum(' ~ money ~ ')' if money else 'null') ~ " as money, count(" ~ owner
      ~ ") as owned from " ~ rows ~ " group by coalesce(rejection_reason, '') order by row_count desc, reason"
  ).rows -%}
  {%- set total, accepted, owned, rejected = [0], [], [], [] -%}
  {%- for row in counted -%}
    {%- do total.append(total.pop() + row[1] | int) -%}
    {%- set counted_and_worth = customer_segmentation.rows_worth(row[1], row[2]) -%}
    {%- if row[0] == '' -%}
      {%- do accepted.append(counted_and_worth) -%}
      {%- do owned.append(row[3] | int) -%}
    {%- else -%}
      {%- do rejected.append(row[0] ~ ' ' ~ counted_and_worth) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- set judged = (
      'Accepted ' ~ what ~ ': ' ~ (accepted[0] if accepted else 0) ~ ' of ' ~ '{:,}'.format(total[0])
      ~ ' raw rows. Rejected: ' ~ (rejected | join(', ') or 'none') ~ '.'
  ) -%}
  {%- if (not owned or owned[0] == 0) and not (may_be_empty and total[0] == 0) -%}
    {%- set most = (counted | map(attribute=0) | select | list + [''])[0] -%}
    {{ exceptions.raise_compiler_error(
        'No accepted row has ' ~ owner_is ~ '. ' ~ judged
        ~ (' Of ' ~ most ~ ':' ~ customer_segmentation.why_rejected(most, rows, governed_by, example) if most else '')
        ~ ' Nothing that is published changes. docs/settings.md says which vars decide what is accepted.'
    ) }}
  {%- endif -%}
  {%- do log(judged, info=true) -%}
  {%- set largest = customer_segmentation.setting(share_setting) | float -%}
  {%- for row in counted if row[0] != '' and row[0] not in asked_for and row[1] > largest * total[0] -%}
    {{ exceptions.raise_compiler_error(
        row[0] ~ ' rejects ' ~ customer_segmentation.rows_worth(row[1], row[2]) ~ ' of ' ~ '{:,}'.format(total[0]) ~ ' raw rows.'
        ~ customer_segmentation.why_rejected(row[0], rows, governed_by, example)
        ~ ' The var ' ~ share_setting ~ ' lets one reason reject a share of ' ~ largest ~ '. Nothing that is published changes.'
    ) }}
  {%- endfor -%}
{%- endmacro %}


{# A number of rows, and what they are worth where that is known: `1,590 (worth 344,296.97)`. #}
{% macro rows_worth(rows, money) -%}
  {{- '{:,}'.format(rows | int) -}}
  {%- if money is not none %} {{ '(worth {:,.2f})'.format(money | float) }}{% endif -%}
{%- endmacro %}


{# The var that governs a reason, where there is one, and examples of the rows that it rejects. #}
{% macro why_rejected(reason, rows, governed_by, example) -%}
  {%- set examples = run_query(
      'select ' ~ example ~ ' as example from ' ~ rows ~ ' where rejection_reason = '
      ~ customer_segmentation.string_literal(reason) ~ ' limit 3'
  ).columns[0].values() -%}
  {{ return(
      (' The var ' ~ governed_by[reason] ~ ' governs that.' if reason in governed_by else '')
      ~ ' Some of them: ' ~ examples | join('; ') ~ '.'
  ) }}
{%- endmacro %}
