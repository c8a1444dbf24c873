{#
  Whether a text is one of the setting missing_texts, upper and lower case alike. A pattern says so, as the first lower()
  of a Spark process takes it more than a second; most texts are longer than these and need no look at it.
#}
{% macro is_missing_text(text) -%}
  {{ adapter.dispatch('is_missing_text', 'customer_segmentation')(text) }}
{%- endmacro %}


{% macro default__is_missing_text(text) -%}
  {%- set patterns, lengths = [], [] -%}
  {%- for missing in customer_segmentation.list_setting('missing_texts') -%}
    {%- do patterns.append(modules.re.escape(missing | string)) -%}
    {%- do lengths.append(missing | string | length) -%}
  {%- endfor -%}
  {%- if patterns -%}
    {%- set pattern = customer_segmentation.string_literal('(?iu)^(' ~ patterns | join('|') ~ ')$') -%}
    length({{ text }}) <= {{ lengths | max }} and {{ text }} rlike {{ pattern }}
  {%- else -%}
    false
  {%- endif -%}
{%- endmacro %}
