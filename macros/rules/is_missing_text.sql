{#
  Whether a text is one of the var missing_texts, upper and lower case alike. A pattern says so, as the first lower() of a
  Spark process takes it more than a second; most texts are longer than these and need no look at it.
#}
{% macro is_missing_text(text) -%}
  {%- set patterns, lengths = [], [] -%}
  {%- for missing in list_setting('missing_texts') or [] -%}
    {%- do patterns.append(modules.re.escape(missing | string)) -%}
    {%- do lengths.append(missing | string | length) -%}
  {%- endfor -%}
  {%- if patterns -%}
    length({{ text }}) <= {{ lengths | max }} and {{ text }} rlike {{ string_literal('(?iu)^(' ~ patterns | join('|') ~ ')$') }}
  {%- else -%}
    false
  {%- endif -%}
{%- endmacro %}
