{#- The grain of a mart: its columns are never null and together never twice. -#}
{% test unique_grain(model, columns) %}

with

grains as (

    select {{ columns | join(', ') }}
    from {{ model }}

)

select
    {{ columns | join(', ') }},
    count(*) as occurrences
from grains
group by {{ columns | join(', ') }}
having count(*) > 1 or {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}

{% endtest %}
