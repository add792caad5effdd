-- One row per contactable person of an account, however many records speak of them; of who is one record the list of
-- records is null, since a list of one for each costs more than all the rest.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set columns = ['account_id', 'contact_id', 'source', 'source_contact_id', 'full_name', 'title', 'department', 'seniority', 'email', 'phone', 'profile_url', 'is_known_later'] %}
with

contacts as (

    select * from {{ ref('int_contacts_attached') }}
    where is_of_week and account_id is not null

),

suppressed as (

    select * from {{ ref('int_contacts_suppressed') }}

),

resolved as (

    select * from {{ ref('int_contacts_resolved') }}

),

mastered as (

    select * from {{ ref('int_contacts_mastered') }}

),

-- Most people are one record, which is all there is to choose from.
alone as (

    select contacts.*
    from contacts
    left join suppressed on contacts.contact_id = suppressed.contact_id
    left join resolved on contacts.contact_id = resolved.contact_id
    where suppressed.contact_id is null and resolved.contact_id is null

),

identified as (

    select
        {{ columns | join(', ') }},
        null as contact_ids,
        null as sources
    from alone
    union all
    select
        {{ columns | join(', ') }},
        contact_ids,
        sources
    from mastered

)

select * from identified
