{#
  The levels that have a feature of their own; every other one counts as `other`. A source with other words maps them in its
  var `bookings_..._columns`.
#}
{% macro bookings_levels() -%}
  {{ return({
      'stay_type': ['room_only', 'bed_and_breakfast', 'half_board', 'full_board', 'all_inclusive'],
      'visit_category': ['business', 'leisure', 'family', 'group'],
      'campaign_type': ['email', 'sms', 'loyalty'],
      'season': ['spring', 'summer', 'autumn', 'winter'],
  }) }}
{%- endmacro %}


{# A text as a level: in small letters, an underscore between words. Of ASCII only, as currency_code. #}
{% macro bookings_level(text) -%}
  translate({{ text }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ -', 'abcdefghijklmnopqrstuvwxyz__')
{%- endmacro %}


{# The level of a column as the features know it: itself where it is listed, else `other`, also where it is unknown. #}
{% macro bookings_listed_level(column, kind) -%}
  case
            when {{ column }} in ({{ customer_segmentation.string_literals(customer_segmentation.bookings_levels()[kind]) }})
                then {{ column }}
            else 'other'
        end
{%- endmacro %}
