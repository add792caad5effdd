with

source as (

    select * from {{ source('identity', 'company_clusters') }}

),

renamed as (

    select
        record_id,
        cluster_id,
        link_reason,
        match_weight

    from source

)

select * from renamed
