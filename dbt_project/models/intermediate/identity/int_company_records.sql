-- One row per company record, with the keys by which records of one company find each other.
-- Parts of addresses are kept for comparison only: what a record says stands in stg_companies.
with

companies as (

    select * from {{ ref('stg_companies') }}

),

shared_hosts as (

    select * from {{ ref('shared_hosts') }}

),

keyed as (

    select
        companies.record_id,
        companies.source,
        companies.source_company_id,
        companies.name,
        {{ name_key('companies.name') }} as name_key,
        companies.domain,
        case when hosts.host is null and tenants_of.host is null then companies.domain end as identity_domain,
        companies.country,
        companies.lei,
        companies.cik,
        lower(companies.registration_authority) || ':' || companies.registration_number as registration_key,
        nullif(trim({{ words('companies.city') }}), '') as city_key,
        nullif({{ replace_pattern('lower(companies.postal_code)', '[^a-z0-9]', '') }}, '') as postal_key,
        nullif({{ first_match('companies.street', '([0-9]+)') }}, '') as street_number,
        {{ phone_key('companies.phone') }} as phone_key,
        lower(companies.industry) as industry_key,
        companies.observed_at
    from companies
    left join shared_hosts as hosts on companies.domain = hosts.host
    left join shared_hosts as tenants_of
        on substr(companies.domain, position('.' in companies.domain) + 1) = tenants_of.host

)

select * from keyed
