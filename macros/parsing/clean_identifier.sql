{#
  An identifier as text, from the trimmed text of any raw type. Null where the text stands for none (setting
  missing_texts). A whole number that was stored as a floating point number reads as the number ('17850.0' and
  '1.2345678E7' become '17850' and '12345678'); all other text stays, leading zeros included.
#}
{% macro clean_identifier(text) -%}
  {{ adapter.dispatch('clean_identifier', 'customer_segmentation')(text) }}
{%- endmacro %}


{% macro default__clean_identifier(text) -%}
  {%- set number = customer_segmentation.cast_decimal(text, 38, 10) -%}
  case
    when {{ customer_segmentation.is_missing_text(text) }} then null
    when not contains({{ text }}, '.') then {{ text }}
    when {{ text }} rlike '^[0-9]+[.]0+$' then substr({{ text }}, 1, instr({{ text }}, '.') - 1)
    when {{ text }} rlike '^[0-9][.][0-9]+E[0-9]+$'
      then coalesce(
        case
          when {{ number }} = floor({{ number }})
            then cast(cast({{ number }} as decimal(28, 0)) as string)
        end,
        {{ text }}
      )
    else {{ text }}
  end
{%- endmacro %}
