-- One row per contactable person: department and seniority (given or read from the title), reach, and roles held.
-- A role is held by its titles (whose assistants hold it not), or by its departments together with its seniorities.
{%- set roles = criteria_rows('people', 'role') %}
with

contacts as (

    select
        *,
        {{ title_words('title') }} as title_words,
        {{ title_words('department') }} as department_words,
        {{ title_words('seniority') }} as seniority_words
    from {{ ref('int_contacts_identified') }}

),

accounts as (

    select * from {{ ref('int_accounts_mastered') }}

),

placed as (

    select
        contacts.contact_id,
        contacts.account_id,
        contacts.source,
        contacts.source_contact_id,
        contacts.full_name,
        contacts.title,
        contacts.title_words,
        coalesce(
            {{ department_of('contacts.department_words') }},
            lower(contacts.department),
            {{ department_of('contacts.title_words') }}
        ) as department,
        coalesce(
            {{ seniority_of('contacts.seniority_words') }},
            lower(contacts.seniority),
            {{ seniority_of('contacts.title_words') }}
        ) as seniority,
        {{ is_assistant('contacts.title_words') }} as is_assistant,
        contacts.email,
        contacts.phone,
        contacts.profile_url,
        case
            when contacts.email is not null then 'email'
            when contacts.phone is not null then 'phone'
            when contacts.profile_url is not null then 'profile'
            when accounts.phone is not null then 'company_phone'
        end as reachable_by,
        contacts.is_known_later
    from contacts
    inner join accounts on contacts.account_id = accounts.account_id

),

with_roles as (

    select
        *,
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
