-- One row per contactable person of an account: attached, freed of suppressed people, and once each.
-- An e-mail at a host that many firms share attaches nobody; only an explicit link does.
with

contacts as (

    select * from {{ ref('stg_contacts') }}

),

suppressed as (

    select * from {{ ref('int_people_suppressed') }}

),

records as (

    select * from {{ ref('int_records_identified') }}

),

domains as (

    select * from {{ ref('int_account_domains') }}

),

allowed as (

    select contacts.*
    from contacts
    left join suppressed as by_id
        on by_id.key_kind = 'contact_id' and contacts.contact_id = by_id.key
    left join suppressed as by_email
        on by_email.key_kind = 'email_sha256' and {{ sha256_of('contacts.email') }} = by_email.key
    left join suppressed as by_profile
        on by_profile.key_kind = 'profile_url' and contacts.profile_url = by_profile.key
    left join suppressed as by_company
        on by_company.key_kind = 'domain' and contacts.company_domain = by_company.key
    left join suppressed as by_email_domain
        on by_email_domain.key_kind = 'domain' and contacts.email_domain = by_email_domain.key
    where
        not contacts.is_opted_out
        and not contacts.is_do_not_call
        and by_id.key is null
        and by_email.key is null
        and by_profile.key is null
        and by_company.key is null
        and by_email_domain.key is null

),

attached as (

    select
        coalesce(records.account_id, by_company.account_id, by_email.account_id) as account_id,
        allowed.contact_id,
        allowed.source,
        allowed.source_contact_id,
        allowed.full_name,
        allowed.title,
        allowed.department,
        allowed.seniority,
        allowed.email,
        allowed.phone,
        allowed.profile_url,
        allowed.is_known_later
    from allowed
    left join records on allowed.record_id = records.record_id
    left join domains as by_company on allowed.company_domain = by_company.domain
    left join domains as by_email on allowed.email_domain = by_email.domain

),

placed as (

    select
        *,
        coalesce(email, profile_url, lower(full_name), contact_id) as person_key
    from attached
    where account_id is not null

),

repeated as (

    select account_id, person_key from placed
    group by account_id, person_key
    having count(*) > 1

),

-- Numbered are only the few who are there more than once.
superseded as (

    select placed.contact_id
    from placed
    inner join repeated on placed.account_id = repeated.account_id and placed.person_key = repeated.person_key
    qualify row_number() over (
        partition by placed.account_id, placed.person_key
        order by {{ source_position('placed.source') }}, placed.contact_id
    ) > 1

),

identified as (

    select placed.* from placed
    left join superseded on placed.contact_id = superseded.contact_id
    where superseded.contact_id is null

)

select * from identified
