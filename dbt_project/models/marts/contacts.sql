-- One row per contactable person of an account; people who must not be contacted are in no mart.
{{ config(materialized='view') }}
with

contacts as (

    select * from {{ ref('int_contacts_placed') }}

),

left_alone as (

    -- Who asked for a company to be left alone asked for its people.
    select account_id from {{ ref('int_accounts_suppressed') }}
    where suppression in ('do_not_contact', 'manual')

),

contactable as (

    select contacts.*
    from contacts
    left join left_alone on contacts.account_id = left_alone.account_id
    where left_alone.account_id is null

)

select
    contact_id,
    account_id,
    source,
    source_contact_id,
    full_name,
    title,
    department,
    seniority,
    email,
    phone,
    profile_url,
    reachable_by,
    reachable_by is not null as is_reachable,
    role_ids,
    coalesce(cast({{ array_length('contact_ids') }} as bigint), 1) as contact_records,
    coalesce(sources, {{ array_of(['source'], 'string') }}) as sources,
    coalesce(contact_ids, {{ array_of(['contact_id'], 'string') }}) as contact_ids,
    is_known_later,
    {{ stamps() }}
from contactable
