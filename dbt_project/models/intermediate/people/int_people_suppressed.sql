-- One row per key of a person who must not be contacted, in its newest state, whatever the list week.
with

contacts as (

    select * from {{ ref('stg_latest_contacts') }}
    where is_opted_out or is_do_not_call

),

suppressions as (

    select * from {{ ref('stg_latest_suppressions') }}
    where until_date is null or until_date >= {{ list_week() }}

),

keys as (

    select 'contact_id' as key_kind, contact_id as key from contacts
    union
    select 'email_sha256' as key_kind, {{ sha256_of('email') }} as key from contacts where email is not null
    union
    select 'profile' as key_kind, {{ profile_key('profile_url') }} as key from contacts
    union
    select 'email_sha256' as key_kind, {{ sha256_of('lower(trim(key))') }} as key from suppressions where key_kind = 'email'
    union
    select 'email_sha256' as key_kind, lower(trim(key)) as key from suppressions where key_kind = 'email_sha256'
    union
    -- Who asked for a company to be left alone asked for its people, wherever else they are attached.
    select 'domain' as key_kind, key from suppressions where key_kind = 'domain' and reason in ('do_not_contact', 'manual')

)

select * from keys
where key is not null
