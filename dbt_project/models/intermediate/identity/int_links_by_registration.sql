with

records as (

    select * from {{ ref('int_company_records') }}

),

links as (

    select
        record_id,
        'registration' as link_kind,
        registration_key as link_key
    from records
    where registration_key is not null

)

select * from links
