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
        note,
        {{ is_known_later() }} as is_known_later

    from source

)

select * from renamed
