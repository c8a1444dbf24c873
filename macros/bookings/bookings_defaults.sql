{#
  What stands in place of a value that is missing or cannot be. seeds/bookings/bookings_default_rules.csv lists the rules; how
  often each was used is in bookings_defaulted_values.
#}


{# Raw gender to female, male or diverse; unknown where it is missing or is none of their words. #}
{% macro bookings_gender(text) -%}
  case
            when {{ text }} rlike '(?i)^(f|female|woman|w|mrs[.]?|ms[.]?)$' then 'female'
            when {{ text }} rlike '(?i)^(m|male|man|mr[.]?)$' then 'male'
            when {{ text }} rlike '(?i)^(d|x|diverse|other|non-?binary)$' then 'diverse'
            else 'unknown'
        end
{%- endmacro %}


{# Raw consent to true or false: what does not say yes is no. #}
{% macro bookings_consent(text) -%}
  coalesce({{ text }} rlike '(?i)^(yes|y|true|t|1|opt-?in)$', false)
{%- endmacro %}


{# Raw status to kept, cancelled or no-show; null where it is none of their words. #}
{% macro bookings_status(text) -%}
  case
            when {{ text }} rlike '(?i)^(kept|stayed|checked[ -_]?out|check-?out)$' then 'kept'
            when {{ text }} rlike '(?i)^(cancell?ed)$' then 'cancelled'
            when {{ text }} rlike '(?i)^(no[ -_]?show)$' then 'no-show'
        end
{%- endmacro %}


{# The codes of the rules whose condition holds, with a comma between them; empty for none. #}
{% macro bookings_rules_used(conditions) -%}
  concat_ws(
            ','
            {%- for rule, condition in conditions.items() %},
            case when {{ condition }} then '{{ rule }}' end
            {%- endfor %}
        )
{%- endmacro %}
