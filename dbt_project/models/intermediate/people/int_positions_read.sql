-- One row per title, department and seniority that any contact has: how they read, and the roles held with them.
-- A role is held by its titles, or by its departments together with its seniorities. Who only assists, deputises or
-- used to hold a title holds it not, unless the document says just that title; what their source says of their
-- seniority is not believed either. Else what the source says comes before what the title says.
{%- set roles = criteria_rows('people', 'role') %}
with

contacts as (

    select * from {{ ref('stg_contacts') }}

),

readings as (

    select * from {{ ref('int_titles_read') }}

),

positions as (

    select distinct
        title as given_title,
        department as given_department,
        seniority as given_seniority
    from contacts

),

placed as (

    select
        positions.given_title,
        positions.given_department,
        positions.given_seniority,
        titles.title_words,
        coalesce(titles.is_held, true) as is_held,
        coalesce(departments.department, lower(positions.given_department), titles.department) as department,
        case
            when not titles.is_held then titles.seniority
            else coalesce(seniorities.seniority, lower(positions.given_seniority), titles.seniority)
        end as seniority
    from positions
    left join readings as titles on positions.given_title = titles.said
    left join readings as departments on positions.given_department = departments.said
    left join readings as seniorities on positions.given_seniority = seniorities.said

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
        {%- do held.append("case when " ~ title_held('title_words', 'is_held', role.titles) ~ " or " ~ by_place ~ " then " ~ text_literal(role.id) ~ " end") %}
        {%- endfor %}
        {{ array_without_nulls(array_of(held, 'string')) }} as role_ids
    from placed

)

select * from with_roles
