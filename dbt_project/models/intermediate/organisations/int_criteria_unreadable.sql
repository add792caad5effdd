-- One row per criterion or disqualifier on a source's key: accounts whose value its operator could not read.
{%- set rows = [] %}
{%- for row in criteria_rows('organisation', 'criterion') + criteria_rows('organisation', 'disqualifier') %}
{%- if attribute_key(row) is not none %}{% do rows.append(row) %}{% endif %}
{%- endfor %}
with

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

counted as (

    select
        count(*) as accounts
        {%- for row in rows %},
        count(*) filter (
            where {{ map_value('accounts.attributes', text_literal(attribute_key(row))) }} is not null
            and {{ criterion_value(row, 'accounts') }} is null
        ) as unreadable_{{ row.id }}
        {%- endfor %}
    from accounts

),

listed as (

    {% for row in rows -%}
    select cast({{ text_literal(row.id) }} as string) as criterion_id, unreadable_{{ row.id }} as unreadable_values from counted
    union all
    {% endfor -%}
    select cast(null as string) as criterion_id, accounts as unreadable_values from counted
    where false

)

select * from listed
