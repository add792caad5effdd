{#- Every value of the perfect-customer document reaches SQL through one of these. -#}

{% macro text_literal(value) -%}
    {{ return(adapter.dispatch('text_literal', 'prospects')(value)) }}
{%- endmacro %}

{% macro default__text_literal(value) -%}
    {{ return("'" ~ (value | string | replace("'", "''")) ~ "'") }}
{%- endmacro %}

{% macro spark__text_literal(value) -%}
    {{ return("'" ~ (value | string | replace("\\", "\\\\") | replace("'", "\\'")) ~ "'") }}
{%- endmacro %}

{#- A double, written so on both engines: a decimal literal would change the scores on one of them. -#}
{% macro number_literal(value) -%}
    {%- set text = value | float | string -%}
    {{ return(text if 'e' in text else text ~ 'e0') }}
{%- endmacro %}

{% macro text_list(values) -%}
    {%- set literals = [] -%}
    {%- for value in values -%}{%- do literals.append(text_literal(value)) -%}{%- endfor -%}
    {{ return(literals | join(', ')) }}
{%- endmacro %}

{% macro list_week() -%}
    cast({{ text_literal(var('list_week')) }} as date)
{%- endmacro %}

{% macro stamps() -%}
    {{ list_week() }} as list_week,
    cast({{ text_literal(var('publish_id')) }} as {{ dbt.type_string() }}) as publish_id
{%- endmacro %}

{% macro nullable_text(value) -%}
    {{ return('null' if value is none else text_literal(value)) }}
{%- endmacro %}
