-- Records of one source that say the same of who they are, name and place: nobody could tell them apart.
with

records as (

    select
        record_id,
        concat_ws(
            '|', source, name_key, coalesce(country, ''), coalesce(city_key, ''), coalesce(postal_key, ''),
            coalesce(street_number, ''), coalesce(phone_key, '')
        ) as details
    from {{ ref('int_company_records') }}
    where name_key is not null and identity_domain is null

),

links as (

    select
        record_id,
        'details' as link_kind,
        details as link_key
    from records
    qualify count(*) over (partition by details) > 1

)

select * from links
