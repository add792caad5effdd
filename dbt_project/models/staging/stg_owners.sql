with

source as (

    select * from {{ source('raw', 'owners') }}

),

renamed as (

    select
        -- keys
        source || ':' || source_owner_id as owner_id,
        source,

        -- owner
        name,
        email,
        territory,

        -- times
        {{ is_known_later() }} as is_known_later

    from source

)

select * from renamed
