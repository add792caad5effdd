-- One row per domain that several records have, and whether it tells firms apart.
-- In conflict is a domain that one source gives to firms of different names, or several to firms that disagree in
-- country and in the first word of the name.
with

company_records as (

    select * from {{ ref('int_company_records') }}

),

-- Most domains are one record's.
repeated as (

    select identity_domain from company_records
    where identity_domain is not null
    group by identity_domain
    having count(*) > 1

),

records as (

    select
        company_records.*,
        split_part(company_records.name_key, ' ', 1) as first_word
    from company_records
    inner join repeated on company_records.identity_domain = repeated.identity_domain

),

per_source as (

    select
        identity_domain,
        source,
        count(distinct name_key) as names,
        min(country) as lowest_country,
        max(country) as highest_country,
        min(first_word) as lowest_word,
        max(first_word) as highest_word
    from records
    group by identity_domain, source

),

shared as (

    select
        identity_domain,
        max(names) > {{ var('most_names_per_domain') | int }}
        or coalesce(min(lowest_country) < max(highest_country) and min(lowest_word) < max(highest_word), false)
        as is_in_conflict
    from per_source
    group by identity_domain

)

select * from shared
