{#
  Calls the macro that the config `before_publication` names, with the complete rows as its argument. Where it stops the
  build, readers go on finding what was published before.
#}
{% macro check_before_publication(rows) -%}
  {%- if config.get('before_publication') and not flags.EMPTY -%}
    {%- do customer_segmentation.macro_named(config.get('before_publication'))(rows) -%}
  {%- endif -%}
{%- endmacro %}
