-- A domain that one source gives to several firms of different names is a conflict: there only equal names link.
with

records as (

    select * from {{ ref('int_company_records') }}
    where identity_domain is not null

),

names_per_source as (

    select
        identity_domain,
        source,
        count(distinct name_key) as names
    from records
    group by identity_domain, source

),

conflicts as (

    select
        identity_domain,
        max(names) > {{ var('most_names_per_domain') | int }} as is_conflict
    from names_per_source
    group by identity_domain

),

links as (

    select
        records.record_id,
        'domain' as link_kind,
        case
            when conflicts.is_conflict then records.identity_domain || '|' || records.name_key
            else records.identity_domain
        end as link_key
    from records
    inner join conflicts on records.identity_domain = conflicts.identity_domain

)

select * from links
where link_key is not null
