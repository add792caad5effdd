-- One row per contactable person: department and seniority (given or read from the title), roles held, and reach.
with

contacts as (

    select * from {{ ref('int_contacts_identified') }}

),

positions as (

    select * from {{ ref('int_positions_read') }}

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

placed as (

    select
        contacts.contact_id,
        contacts.account_id,
        contacts.source,
        contacts.source_contact_id,
        contacts.full_name,
        contacts.title,
        positions.department,
        positions.seniority,
        positions.role_ids,
        contacts.email,
        contacts.phone,
        contacts.profile_url,
        case
            when contacts.email is not null then 'email'
            when contacts.phone is not null then 'phone'
            when contacts.profile_url is not null then 'profile'
            when accounts.phone is not null then 'company_phone'
        end as reachable_by,
        contacts.contact_ids,
        contacts.sources,
        contacts.is_known_later
    from contacts
    inner join positions
        on contacts.title is not distinct from positions.given_title
        and contacts.department is not distinct from positions.given_department
        and contacts.seniority is not distinct from positions.given_seniority
    inner join accounts on contacts.account_id = accounts.account_id

)

select * from placed
