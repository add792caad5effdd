with

source as (

    select * from {{ source('raw', 'batches') }}

),

renamed as (

    select
        -- keys
        source,
        table_name,
        batch_id,

        -- counts
        rows,
        rejects,
        unconverted,

        -- properties
        content_hash,
        is_known_later,
        is_made_up,

        -- times
        stamped_week

    from source

)

select * from renamed
