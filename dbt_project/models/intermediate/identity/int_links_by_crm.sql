-- A record names another one as the same company by the attribute `same_as` ("crm:17"): both hold that record's key.
with

companies as (

    select
        record_id,
        {{ array_first(array_filter('attributes', "item.key = 'same_as'")) }}.value as same_as
    from {{ ref('stg_companies') }}

),

pointing as (

    select * from companies
    where same_as is not null

),

links as (

    select
        record_id,
        'crm' as link_kind,
        same_as as link_key
    from pointing
    union
    select
        companies.record_id,
        'crm' as link_kind,
        companies.record_id as link_key
    from companies
    inner join pointing on companies.record_id = pointing.same_as

)

select * from links
