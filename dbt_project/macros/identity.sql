{#- Sources rank as they stand in sources.yml: the first wins where two contradict. -#}
{% macro source_position(expression) -%}
    {%- if not var("source_order") -%}1{%- else -%}
    case {{ expression }}
    {%- for name in var('source_order') %} when {{ text_literal(name) }} then {{ loop.index }}{% endfor %}
    else {{ (var("source_order") | length) + 1 }} end
    {%- endif -%}
{%- endmacro %}
