{#
  The lower or upper bound of a share's 95 % interval by Wilson's score (1927): from `successes` of `trials`, which are
  independent. Null without trials. Unlike the interval around the share it stays within 0 and 1, also for few trials.

  side: 'lower' or 'upper'
#}
{% macro wilson_bound(successes, trials, side) -%}
  {%- set z = 1.959963984540054 -%}
  {%- set n = 'cast(nullif(' ~ trials ~ ', 0) as double)' -%}
  (
            {{ successes }} + {{ z * z / 2 }}
            {{ '-' if side == 'lower' else '+' }} {{ z }} * sqrt(
                greatest({{ successes }} * (1 - {{ successes }} / {{ n }}), 0) + {{ z * z / 4 }}
            )
        ) / ({{ n }} + {{ z * z }})
{%- endmacro %}


{#
  Whether two shares differ by more than chance: the two-sided test of two proportions with a common variance, at 5 %. One
  comparison in twenty says so where there is no difference. Null where one side has no trials; false where nobody or
  everybody on both sides is a success.
#}
{% macro shares_differ(successes, trials, other_successes, other_trials) -%}
  {%- set z_squared = 1.959963984540054 * 1.959963984540054 -%}
  {%- set n, m = 'cast(nullif(' ~ trials ~ ', 0) as double)', 'cast(nullif(' ~ other_trials ~ ', 0) as double)' -%}
  {%- set common = '((' ~ successes ~ ' + ' ~ other_successes ~ ') / (' ~ n ~ ' + ' ~ m ~ '))' -%}
  pow({{ successes }} / {{ n }} - {{ other_successes }} / {{ m }}, 2)
            > {{ z_squared }} * {{ common }} * (1 - {{ common }}) * (1 / {{ n }} + 1 / {{ m }})
{%- endmacro %}
