-- Two keys of a domain that several records have: the domain alone, unless it is in conflict, and with the name.
with

records as (

    select * from {{ ref('int_company_records') }}

),

domains as (

    select * from {{ ref('int_domains_shared') }}

),

links as (

    select
        records.record_id,
        'domain' as link_kind,
        records.identity_domain as link_key
    from records
    inner join domains on records.identity_domain = domains.identity_domain
    where not domains.is_in_conflict
    union all
    select
        records.record_id,
        'domain_and_name' as link_kind,
        records.identity_domain || '|' || records.name_key as link_key
    from records
    inner join domains on records.identity_domain = domains.identity_domain
    where records.name_key is not null

)

select * from links
