{#
  Text to decimal(precision, scale), rounded half up; null unless the text is a number that fits, in any notation that
  plain_number reads. `numbers` is the setting <name>_numbers of the raw table. A text as SQL writes it is cast as it is;
  only what that does not read costs the time of looking at its notation.
#}
{% macro parse_decimal(text, precision, scale, numbers={}) -%}
  {{ adapter.dispatch('parse_decimal', 'customer_segmentation')(text, precision, scale, numbers) }}
{%- endmacro %}


{% macro default__parse_decimal(text, precision, scale, numbers={}) -%}
  {%- if customer_segmentation.number_notations(numbers)[0].decimal == '.' -%}
    {%- set as_written = text -%}
  {%- else -%}
    {%- set as_written = "case when not contains(" ~ text ~ ", '.') then replace(" ~ text ~ ", ',', '.') end" -%}
  {%- endif -%}
  {%- set plain = customer_segmentation.plain_number(text, numbers) -%}
  case
    when {{ text }} is not null
      then coalesce(
        {{ customer_segmentation.cast_decimal(as_written, precision, scale) }},
        transform(array({{ plain }}), number -> {{ customer_segmentation.cast_decimal('number', precision, scale) }})[0]
      )
  end
{%- endmacro %}
