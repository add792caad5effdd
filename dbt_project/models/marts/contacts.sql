-- One row per contactable person of an account; people who must not be contacted are in no mart.
with

contacts as (

    select * from {{ ref('int_contacts_placed') }}

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
    is_known_later,
    {{ stamps() }}
from contacts
