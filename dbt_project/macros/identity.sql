{#- Sources rank as they stand in sources.yml: the first wins where two contradict. -#}
{% macro source_position(expression) -%}
    {%- if not var("source_order") -%}1{%- else -%}
    case {{ expression }}
    {%- for name in var('source_order') %} when {{ text_literal(name) }} then {{ loop.index }}{% endfor %}
    else {{ (var("source_order") | length) + 1 }} end
    {%- endif -%}
{%- endmacro %}

{#- The last nine digits of a number, which every spelling of it has; null for a number with fewer than seven. -#}
{% macro phone_key(expression) -%}
    {%- set digits = replace_pattern(expression, '[^0-9]', '') -%}
    case when length({{ digits }}) >= 7 then right({{ digits }}, 9) end
{%- endmacro %}
