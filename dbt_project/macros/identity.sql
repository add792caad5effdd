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

{#- Rows of earlier lists under the ids that their accounts have by now; of several that are one account by now, on one
    list, the row that comes first. -#}
{% macro followed(past, list_key, first) -%}
with

past as (

    select * from {{ past }}

),

merged as (

    select
        account_id,
        became_account_id
    from {{ ref('stg_account_id_changes') }}
    where kind = 'merged'

)

select
    past.* {{ except_columns(['account_id']) }},
    coalesce(merged.became_account_id, past.account_id) as account_id
from past
left join merged on past.account_id = merged.account_id
qualify row_number() over (
    partition by past.{{ list_key }}, coalesce(merged.became_account_id, past.account_id)
    order by {{ first }}
) = 1
{%- endmacro %}
