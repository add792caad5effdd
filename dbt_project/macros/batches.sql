{#- A batch id begins with the Monday its batch is stamped with. -#}
{% macro stamped_week() -%}
    cast(left(batch_id, 10) as date)
{%- endmacro %}

{% macro is_known_later() -%}
    {{ stamped_week() }} > {{ list_week() }}
{%- endmacro %}
