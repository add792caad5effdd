-- One row per contact of an account who may be contacted; one person may be there more than once.
-- An e-mail at a host that many firms share attaches nobody; only an explicit link does.
{#- Read twice, once where few of its columns are wanted, so that it is not written down in between. -#}
{{ config(materialized='view') }}
with

contacts as (

    select * from {{ ref('stg_contacts') }}

),

records as (

    select * from {{ ref('int_records_identified') }}

),

domains as (

    select * from {{ ref('int_account_domains') }}

),

suppressed as (

    select * from {{ ref('int_people_suppressed') }}

),

-- No key of the suppressed is null, so that `not in` is what it looks like.
allowed as (

    select * from contacts
    where
        not is_opted_out
        and not is_do_not_call
        and contact_id not in (select suppressed.key from suppressed where suppressed.key_kind = 'contact_id')
        and coalesce({{ sha256_of('email') }}, '') not in (select suppressed.key from suppressed where suppressed.key_kind = 'email_sha256')
        and coalesce(profile_url, '') not in (select suppressed.key from suppressed where suppressed.key_kind = 'profile_url')
        and coalesce(company_domain, '') not in (select suppressed.key from suppressed where suppressed.key_kind = 'domain')
        and coalesce(email_domain, '') not in (select suppressed.key from suppressed where suppressed.key_kind = 'domain')

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
    left join domains as by_company
        on case when records.account_id is null then allowed.company_domain end = by_company.domain
    left join domains as by_email
        on case when records.account_id is null then allowed.email_domain end = by_email.domain

)

select * from attached
where account_id is not null
