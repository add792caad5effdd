-- One row per title, department and seniority that any contact has: how they read, and the roles held with them.
-- A role is held by its titles (whose assistants hold it not), or by its departments together with its seniorities.
{%- set roles = criteria_rows('people', 'role') %}
with

contacts as (

    select * from {{ ref('stg_contacts') }}

),

-- Each is read once, however many people have it: reading takes a hundred comparisons.
positions as (

    select distinct
        title as given_title,
        department as given_department,
        seniority as given_seniority
    from contacts

),

worded as (

    select
        *,
        {{ title_words('given_title') }} as title_words,
        {{ title_words('given_department') }} as department_words,
        {{ title_words('given_seniority') }} as seniority_words
    from positions

),

placed as (

    select
        given_title,
        given_department,
        given_seniority,
        title_words,
        coalesce(
            {{ department_of('department_words') }},
            lower(given_department),
            {{ department_of('title_words') }}
        ) as department,
        coalesce(
            {{ seniority_of('seniority_words') }},
            lower(given_seniority),
            {{ seniority_of('title_words') }}
        ) as seniority,
        {{ is_assistant('title_words') }} as is_assistant
    from worded

),

with_roles as (

    select
        given_title,
        given_department,
        given_seniority,
        department,
        seniority,
        {%- set held = [] %}
        {%- for role in roles %}
        {%- set place = [] %}
        {%- if role.departments %}{%- do place.append("coalesce(department, '') in (" ~ text_list(role.departments) ~ ")") %}{%- endif %}
        {%- if role.seniorities %}{%- do place.append("coalesce(seniority, '') in (" ~ text_list(role.seniorities) ~ ")") %}{%- endif %}
        {%- set by_place = "(" ~ (place | join(" and ")) ~ ")" if place else "false" %}
        {%- do held.append("case when (not is_assistant and " ~ title_mentions_any('title_words', role.titles) ~ ") or " ~ by_place ~ " then " ~ text_literal(role.id) ~ " end") %}
        {%- endfor %}
        {{ array_without_nulls(array_of(held, 'string')) }} as role_ids
    from placed

)

select * from with_roles
