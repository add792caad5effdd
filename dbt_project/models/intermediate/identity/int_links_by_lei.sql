with

records as (

    select * from {{ ref('int_company_records') }}

),

links as (

    select
        record_id,
        'lei' as link_kind,
        lei as link_key
    from records
    where lei is not null

)

select * from links
