with

source as (

    select * from {{ source('identity', 'company_clusters') }}

),

renamed as (

    select
        record_id,
        account_id,
        link_reason,
        match_weight

    from source

)

select * from renamed
