with

source as (

    select * from {{ source('raw', 'suppressions') }}

),

renamed as (

    select
        source,
        key_kind,
        key,
        reason,
        until_date,
        note

    from source

)

select * from renamed
