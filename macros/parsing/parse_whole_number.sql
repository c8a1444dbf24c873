{#
  Text to int: null unless the text is a whole number in any notation that plain_number reads, with or without a word for
  pieces behind it ('6', '6.0', '1,200' and '2 pcs' are, '1.5', '6.0000001' and 'six' are not).
#}
{% macro parse_whole_number(text, numbers={}) -%}
  {{ adapter.dispatch('parse_whole_number', 'customer_segmentation')(text, numbers) }}
{%- endmacro %}


{% macro default__parse_whole_number(text, numbers={}) -%}
  {%- set is_point = customer_segmentation.number_notations(numbers)[0].decimal == '.' -%}
  {%- set as_written = customer_segmentation.cast_decimal(text, 38, 18) -%}
  {%- set plain = customer_segmentation.plain_number(customer_segmentation.without_pieces(text), numbers) -%}
  {#- A cast of text that is no number costs Spark an exception a line. #}
  case
    when {{ text }} rlike '^[-+]?[0-9]{1,9}$' then try_cast({{ text }} as int)
    {%- if is_point %}
    when {{ text }} rlike '^[-+]?[0-9]*[.][0-9]*$' then try_cast(regexp_replace({{ text }}, '[.]0*$', '') as int)
    {%- endif %}
    when {{ text }} rlike '^[-+]?[0-9]+{{ '([.][0-9]+)?' if is_point }}[eE][-+]?[0-9]+$'
      then case when {{ as_written }} = floor({{ as_written }}) then try_cast({{ as_written }} as int) end
    when {{ text }} is not null then try_cast(regexp_replace({{ plain }}, '[.]0*$', '') as int)
  end
{%- endmacro %}


{# A text without a word for pieces at its end: '2 pcs' becomes '2'. #}
{% macro without_pieces(text) -%}
  {%- set words = 'pcs?|pces?|pieces?|pièces?|st|stk|stck|stück|szt|ks|pzas?|pz|uds?|un|units?|ea|each|шт|x' -%}
  regexp_replace({{ text }}, '(?iu)([0-9)]) *(?:{{ words }})[.]?$', '\u00241')
{%- endmacro %}
