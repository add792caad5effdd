-- One row per contact record that must not be contacted, by what it says itself or shares with whoever asked.
with

contacts as (

    select * from {{ ref('stg_contacts') }}

),

keys as (

    select * from {{ ref('int_people_suppressed') }}

),

-- No key is null, so that `in` is what it looks like.
suppressed as (

    select contact_id from contacts
    where
        is_opted_out
        or is_do_not_call
        or coalesce({{ sha256_of('email') }}, '') in (select keys.key from keys where keys.key_kind = 'email_sha256')
        or coalesce({{ profile_key('profile_url') }}, '') in (select keys.key from keys where keys.key_kind = 'profile')
        or coalesce(company_domain, '') in (select keys.key from keys where keys.key_kind = 'domain')
        or coalesce(email_domain, '') in (select keys.key from keys where keys.key_kind = 'domain')
    union
    select keys.key as contact_id from keys
    where keys.key_kind = 'contact_id'

)

select contact_id from suppressed
