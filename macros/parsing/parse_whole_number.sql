{# Text to int: null unless the text is a whole number ('6' and '6.0' are, '1.5', '6.0000001' and 'six' are not). #}
{% macro parse_whole_number(text) -%}
  {{ adapter.dispatch('parse_whole_number', 'customer_segmentation')(text) }}
{%- endmacro %}


{% macro default__parse_whole_number(text) -%}
  coalesce(
    try_cast({{ text }} as int),
    case
      when try_cast({{ text }} as decimal(38, 18)) = floor(try_cast({{ text }} as decimal(38, 18)))
        then try_cast(try_cast({{ text }} as decimal(38, 18)) as int)
    end
  )
{%- endmacro %}
