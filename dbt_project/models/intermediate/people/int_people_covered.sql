-- One row per account with contacts: which roles are reachable there, and what that is worth.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set roles = criteria_rows('people', 'role') %}
{%- set possible = possible_points(roles) %}
with

contacts as (

    select * from {{ ref('int_contacts_placed') }}
    where reachable_by is not null

),

reached as (

    select
        account_id,
        count(*) as reachable_contacts
        {%- for role in roles %},
        -- A person's own address before the company's; then the smallest id.
        min(case when {{ array_contains('role_ids', role.id) }} then
            case when reachable_by = 'company_phone' then '2' else '1' end || contact_id
        end) as contact_{{ role.id }}
        {%- endfor %},
        bool_or(is_known_later) as is_known_later
    from contacts
    group by account_id

),

pointed as (

    select
        *
        {%- for role in roles %},
        {{ points_on_scale("case when contact_" ~ role.id ~ " is not null then 1e0 end", role.points, possible) }} as points_{{ role.id }}
        {%- endfor %}
    from reached

),

summed as (

    select
        *,
        {% for role in roles %}points_{{ role.id }} + {% endfor %}cast(0 as decimal(9, 4)) as total
    from pointed

),

covered as (

    select
        account_id,
        reachable_contacts,
        {{ bounded_score('total') }} as people_coverage_score,
        {%- set reasons = [] %}
        {%- set missing = [] %}
        {%- for role in roles %}
        {%- do reasons.append(reason('people', role.id, 'points_' ~ role.id, 'substr(contact_' ~ role.id ~ ', 2)')) %}
        {%- do missing.append("case when contact_" ~ role.id ~ " is null then " ~ text_literal(role.id) ~ " end") %}
        {%- endfor %}
        {{ reasons_of('people', reasons, 'total') }} as people_reasons,
        {{ array_without_nulls(array_of(missing, 'string')) }} as missing_roles,
        is_known_later
    from summed

)

select * from covered
