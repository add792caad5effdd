{#- The grain of a mart: its columns are never null and together never twice.
    Grains that are there twice are found by a number, which is cheap to count by; then they are told apart.
    A mart whose rows are the items of a list, each looked up in marts with tested grains of their own, has the grain of
    those items; they are counted without the looking up. -#}
{% test unique_grain(model, columns, lists_in=none, list=none) %}
{%- set rows = items_of(lists_in, list, columns) if list else model %}

with

repeated_hashes as (

    select {{ hash_of(columns) }} as grain_hash
    from {{ rows }}
    group by {{ hash_of(columns) }}
    having count(*) > 1

),

grains as (

    select {{ columns | join(', ') }}
    from {{ rows }}
    where
        {{ hash_of(columns) }} in (select grain_hash from repeated_hashes)
        {%- for column in columns %}
        or {{ column }} is null
        {%- endfor %}

)

select
    {{ columns | join(', ') }},
    count(*) as occurrences
from grains
group by {{ columns | join(', ') }}
having count(*) > 1 or {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}

{% endtest %}

{#- The items of a list column as rows: the first column is the one beside the list, the others are of the item. -#}
{% macro items_of(model, list, columns) -%}
    (
        select
            {{ columns[0] }}
            {%- for column in columns[1:] %},
            item.{{ column }} as {{ column }}
            {%- endfor %}
        from {{ model }}
        {{ explode_array(list, 'item') }}
    ) as items
{%- endmacro %}
