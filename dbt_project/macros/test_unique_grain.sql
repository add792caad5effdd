{#- The grain of a mart: its columns are never null and together never twice.
    Grains that are there twice are found by a number, which is cheap to count by; then they are told apart. -#}
{% test unique_grain(model, columns) %}

with

repeated_hashes as (

    select {{ hash_of(columns) }} as grain_hash
    from {{ model }}
    group by {{ hash_of(columns) }}
    having count(*) > 1

),

grains as (

    select {{ columns | join(', ') }}
    from {{ model }}
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
