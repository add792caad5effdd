with

source as (

    select * from {{ source('raw', 'verdicts') }}

),

renamed as (

    select
        -- keys
        source || ':' || source_company_id as record_id,
        source_company_id as company_key,
        source,
        domain,
        owner_id,

        -- verdict
        verdict,
        reason,

        -- times
        given_date,
        until_date,
        {{ is_known_later() }} as is_known_later

    from source

)

select * from renamed
