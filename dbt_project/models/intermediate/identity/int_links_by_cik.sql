with

records as (

    select * from {{ ref('int_company_records') }}

),

links as (

    select
        record_id,
        'cik' as link_kind,
        cik as link_key
    from records
    where cik is not null

)

select * from links
