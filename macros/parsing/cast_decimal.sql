{#
  Text to decimal(precision, scale), rounded half up; null unless the text is a number as SQL writes it ('1.5', '-2',
  '1.5e3') that fits.
#}
{% macro cast_decimal(text, precision, scale) -%}
  {{ adapter.dispatch('cast_decimal', 'customer_segmentation')(text, precision, scale) }}
{%- endmacro %}


{% macro default__cast_decimal(text, precision, scale) -%}
  try_cast({{ text }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}


{# To Sail a text with an exponent is no decimal. By way of a double it has 15 digits. #}
{% macro sail__cast_decimal(text, precision, scale) -%}
  {%- set type = 'decimal(' ~ precision ~ ', ' ~ scale ~ ')' -%}
  coalesce(
    try_cast({{ text }} as {{ type }}),
    case when {{ text }} rlike '^[-+]?[0-9]*[.]?[0-9]+[eE][-+]?[0-9]+$' then try_cast(try_cast({{ text }} as double) as {{ type }}) end
  )
{%- endmacro %}
