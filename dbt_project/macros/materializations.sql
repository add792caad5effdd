{#- Tables and views under their own names at once. dbt's own way leads over two more names, so that what was there
    stays readable until the new is: a week's warehouse starts empty, and nobody reads it before it is published. -#}

{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ return(built_in_place(target, create_table_as(false, target, sql))) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {{ return(built_in_place(target, get_create_view_as_sql(target, sql))) }}
{% endmaterialization %}

{#- What dbt wants to know of a relation that the statement made, in place of the one of that name. -#}
{% macro built_in_place(target, statement_sql) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {#- So that what was there stays where making it anew fails. -#}
    {% do adapter.ensure_transaction() %}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement('main') %}{{ statement_sql }}{% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmacro %}
