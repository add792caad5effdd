{#- Schemas are named by their layer alone: a warehouse file serves one week and one target. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
