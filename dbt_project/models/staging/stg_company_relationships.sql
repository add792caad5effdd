with

source as (

    select * from {{ source('raw', 'company_relationships') }}

),

renamed as (

    select
        -- keys
        source || ':' || child_source_company_id as child_record_id,
        source || ':' || parent_source_company_id as parent_record_id,
        source,

        -- properties
        kind,
        coalesce(is_active, true) as is_active,

        -- times
        since_date,
        {{ is_known_later() }} as is_known_later

    from source

)

select * from renamed
