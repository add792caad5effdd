-- One row per contact record of the week, and per record that asked to be left alone by its newest state, with its
-- account where it has one: that of the company its source links it to, else that of the company's domain, else that
-- of the address's. The domain of a shared host, such as a free mail box, leads to no account.
{#- Read several times where few of its columns are wanted, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set columns = ['contact_id', 'source', 'source_contact_id', 'record_id', 'company_domain', 'full_name', 'title', 'department', 'seniority', 'email', 'email_domain', 'phone', 'profile_url', 'observed_at', 'is_known_later'] %}
with

contacts as (

    select
        {{ columns | join(', ') }},
        true as is_of_week
    from {{ ref('stg_contacts') }}
    union all
    select
        {{ columns | join(', ') }},
        false as is_of_week
    from {{ ref('stg_latest_contacts') }}
    where is_opted_out or is_do_not_call

),

records as (

    select * from {{ ref('int_records_identified') }}

),

domains as (

    select * from {{ ref('int_account_domains') }}

),

attached as (

    select
        coalesce(records.account_id, by_company.account_id, by_email.account_id) as account_id,
        contacts.*
    from contacts
    left join records on contacts.record_id = records.record_id
    left join domains as by_company
        on case when records.account_id is null then contacts.company_domain end = by_company.domain
    left join domains as by_email
        on case when records.account_id is null then contacts.email_domain end = by_email.domain

)

select * from attached
