with

source as (

    select * from {{ source('raw', 'deals') }}

),

renamed as (

    select
        -- keys
        source || ':' || source_deal_id as deal_id,
        source,
        source || ':' || source_company_id as record_id,
        domain,
        source || ':' || owner_id as owner_id,

        -- deal
        name,
        amount,
        currency,
        stage,
        outcome,
        loss_reason,

        -- everything else
        attributes,

        -- times
        {{ utc_timestamp('created_at') }} as created_at,
        {{ utc_timestamp('closed_at') }} as closed_at,
        {{ is_known_later() }} as is_known_later

    from source

)

select * from renamed
