{# Text to int: null unless the text is a whole number ('6' and '6.0' are, '1.5', '6.0000001' and 'six' are not). #}
{% macro parse_whole_number(text) -%}
  {{ adapter.dispatch('parse_whole_number', 'customer_segmentation')(text) }}
{%- endmacro %}


{% macro default__parse_whole_number(text) -%}
  {%- set number = customer_segmentation.parse_decimal(text, 38, 18) -%}
  coalesce(
    try_cast({{ text }} as int),
    case
      when {{ number }} = floor({{ number }})
        then try_cast({{ number }} as int)
    end
  )
{%- endmacro %}
