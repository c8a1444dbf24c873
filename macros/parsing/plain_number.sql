{#
  A number as SQL writes it, from a text in another notation; null where the text is no number. What does not depend on the
  sign of decimals is read in every text: a currency's sign or code in front or behind, brackets or a minus behind for a
  number below zero, every minus and blank of Unicode, blanks and apostrophes between thousands, `12,-`. A text of one
  notation is read in it; one that fits two ('1.234') is read in the first of number_notations.

  numbers: the setting <name>_numbers; with a currency, texts in another one are no numbers
#}
{% macro plain_number(text, numbers={}) -%}
  {{ adapter.dispatch('plain_number', 'customer_segmentation')(text, numbers) }}
{%- endmacro %}


{% macro default__plain_number(text, numbers={}) -%}
  {%- set currency = numbers.currency if numbers is mapping and numbers.currency else '' -%}
  {%- set notations = customer_segmentation.number_notations(numbers) -%}
  transform(
    transform(
      array({{ text }}),
      written -> case
        when written rlike '^[-+]?[0-9.,]+$' then written
        when written rlike '[0-9]' then {{ customer_segmentation.bare_number('written', currency) }}
      end
    ),
    bare -> case
      {%- for notation in notations %}
      when bare rlike {{ customer_segmentation.string_literal(customer_segmentation.notation_pattern(notation)) }}
        {%- if notation.is_other %}
        and not bare rlike {{ customer_segmentation.string_literal(customer_segmentation.ambiguous_pattern('.,')) }}
        {%- endif %}
        then translate(bare, {{ customer_segmentation.string_literal(notation.decimal ~ " '" ~ notation.thousands) }}, '.')
      {%- endfor %}
    end
  )[0]
{%- endmacro %}


{#
  A text without what stands around the digits of a number: its currency gone, blanks and minus those of ASCII, the minus
  in front where there is one. The long pattern of currencies stands in it once: it puts a ¤ where a currency is.
#}
{% macro bare_number(text, currency='') -%}
  {%- set ns = namespace(sql=customer_segmentation.ascii_number(text)) -%}
  {%- for pattern, replacement in [
      ('(?iu)' ~ customer_segmentation.currency_pattern(currency), '¤'),
      ('^([-+(]?) *¤ *', '$1'),
      (' *¤ *([-)]?)$', '$1'),
      ('([0-9])[.,]-{1,2}$', '$1'),
      ('^[(] *([^-+()]+?) *[)]$', '-$1'),
      ('^([^-+]*[^-+ ]) *-$', '-$1'),
      ('^([-+]) +', '$1'),
  ] -%}
    {%- set ns.sql = 'regexp_replace(' ~ ns.sql ~ ', ' ~ customer_segmentation.string_literal(pattern) ~ ', '
        ~ customer_segmentation.string_literal(replacement) ~ ')' -%}
  {%- endfor -%}
  {{ return(ns.sql) }}
{%- endmacro %}


{# A text with the blanks, minus and apostrophes of Unicode as those of ASCII, without marks of no width. #}
{% macro ascii_number(text) -%}
  {%- set blanks = '\\u0009\\u00a0\\u2002\\u2003\\u2007\\u2008\\u2009\\u200a\\u202f\\u205f\\u3000' -%}
  {%- set minuses = '\\u2010\\u2011\\u2012\\u2013\\u2014\\u2212\\ufe63\\uff0d' -%}
  {%- set apostrophes = '\\u2018\\u2019\\u02bc\\u00b4`' -%}
  {%- set nothing = '\\u200b\\u200e\\u200f\\u2060\\u202a\\u202c\\ufeff' -%}
  {{ return(
      "translate(" ~ text ~ ", '" ~ blanks ~ minuses ~ apostrophes ~ nothing ~ "', '" ~ ' ' * 11 ~ '-' * 8 ~ "\\'" * 5
      ~ "')"
  ) }}
{%- endmacro %}


{#
  How numbers may be written, the notation that decides first: the signs `decimal` and `thousands`, the latter empty where
  only blanks and apostrophes stand between thousands, which are always read. `is_other` is true for a notation that the
  setting contradicts: a text that fits its own one as well is not read.
#}
{% macro number_notations(numbers={}) -%}
  {%- set given = numbers if numbers is mapping else {} -%}
  {%- set other = {'.': ',', ',': '.'} -%}
  {%- set thousands = given.thousands | default('', true) -%}
  {%- set decimal = given.decimal | default('', true) or other.get(thousands, '') -%}
  {%- set first = decimal or '.' -%}
  {%- set is_blank = thousands not in ['', '.', ','] -%}
  {{ return([
      {'decimal': first, 'thousands': '' if is_blank else other[first], 'is_other': false},
      {'decimal': other[first], 'thousands': '' if is_blank and not decimal else first, 'is_other': decimal != ''},
  ]) }}
{%- endmacro %}


{# Whether the setting <name>_numbers says which sign is the decimal one, so that no number fits two notations. #}
{% macro notation_is_set(numbers) -%}
  {{ return(numbers is mapping and (numbers.decimal or numbers.thousands)) }}
{%- endmacro %}


{# A pattern of the numbers in a notation: '1234.5', '1,234.5', '1 234.5', '12,34,567', '1e3'. #}
{% macro notation_pattern(notation) -%}
  {%- set groups = ['(?: [0-9]{3})+', "(?:'[0-9]{3})+"] -%}
  {%- if notation.thousands -%}
    {%- do groups.append('(?:[' ~ notation.thousands ~ '][0-9]{3})+') -%}
  {%- endif -%}
  {%- if notation.thousands == ',' -%} {%- do groups.append('(?:,[0-9]{2})+,[0-9]{3}') -%} {%- endif -%}
  {%- set whole = '(?:[1-9][0-9]{0,2}(?:' ~ groups | join('|') ~ ')|[0-9]+)?' -%}
  {{ return('^[-+]?' ~ whole ~ '(?:[' ~ notation.decimal ~ '][0-9]*)?(?:[eE][-+]?[0-9]+)?$') }}
{%- endmacro %}


{# A pattern of the numbers that two notations read, each as another number, with one of the signs given: '1.234'. #}
{% macro ambiguous_pattern(signs) -%}
  {{ return('^[-+]?[1-9][0-9]{0,2}[' ~ signs ~ '][0-9]{3}$') }}
{%- endmacro %}
