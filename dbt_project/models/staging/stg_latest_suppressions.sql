with

source as (

    select * from {{ source('raw', 'latest_suppressions') }}

),

renamed as (

    select
        source,
        key_kind,
        key,
        reason,
        until_date

    from source

)

select * from renamed
