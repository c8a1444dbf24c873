{# The macro <domain>_<what> of the domain that `name` begins with ('shop' for 'shop_lines'); none where it has none. #}
{% macro domain_macro(name, what) -%}
  {%- set words = name.split('_') -%}
  {%- for count in range(1, words | length) -%}
    {%- set found = customer_segmentation.macro_named(words[:count] | join('_') ~ '_' ~ what) -%}
    {%- if found -%}
      {{ return(found) }}
    {%- endif -%}
  {%- endfor -%}
  {{ return(none) }}
{%- endmacro %}


{# The macro of that name in this package or in the project that is run; none where neither has it. #}
{% macro macro_named(name) -%}
  {%- for package in ['customer_segmentation', project_name] if name in context.get(package, {}) -%}
    {{ return(context[package][name]) }}
  {%- endfor -%}
  {{ return(none) }}
{%- endmacro %}
