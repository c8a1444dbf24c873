{#
  An identifier as text, from the trimmed text of any raw type: a whole number that was stored as a floating point
  number reads as the number ('17850.0' and '1.2345678E7' become '17850' and '12345678'); other text stays, leading
  zeros included.
#}
{% macro clean_identifier(text) -%}
  case
    when contains({{ text }}, '.') and {{ text }} rlike '^([0-9]+[.]0+|[0-9][.][0-9]+E[0-9]+)$'
      then cast(try_cast({{ text }} as decimal(38, 0)) as string)
    else {{ text }}
  end
{%- endmacro %}
