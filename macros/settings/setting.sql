{#
  The value of a setting: the var of that name, else what the known format of the domain's raw data says, else the default
  of its table. A setting that begins with the name of a domain stands in the table <domain>_settings, every other one in
  segmentation_settings.

  A generic test sees only the macros that its own text names: give it settings as arguments.
#}
{% macro setting(name) -%}
  {%- set of_domain = customer_segmentation.domain_macro(name, 'settings') -%}
  {%- set settings = of_domain() if of_domain else customer_segmentation.segmentation_settings() -%}
  {%- if name not in settings -%}
    {{ exceptions.raise_compiler_error('There is no setting ' ~ name ~ '.') }}
  {%- endif -%}
  {{ return(var(name, customer_segmentation.known_format(name).get(name, settings[name]['default']))) }}
{%- endmacro %}


{#
  The settings that the known format of the raw data gives a value, in the domain that `name` begins with; none where the
  domain has no macro <domain>_known_format.
#}
{% macro known_format(name) -%}
  {%- set of_domain = customer_segmentation.domain_macro(name, 'known_format') -%}
  {{ return(of_domain() if of_domain else {}) }}
{%- endmacro %}


{# The value of a setting that is a mapping, else an empty one: models are parsed before a wrong value is refused. #}
{% macro mapping_setting(name) -%}
  {%- set value = customer_segmentation.setting(name) -%}
  {{ return(value if value is mapping else {}) }}
{%- endmacro %}


{# The value of a setting that is a list, else an empty one. #}
{% macro list_setting(name) -%}
  {%- set value = customer_segmentation.setting(name) -%}
  {{ return(value if value is sequence and value is not string and value is not mapping else []) }}
{%- endmacro %}
