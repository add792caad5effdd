with

source as (

    select * from {{ source('raw', 'signals') }}

),

renamed as (

    select
        -- keys
        source || ':' || source_signal_id as signal_id,
        source,
        batch_id,
        source || ':' || source_company_id as record_id,
        domain,
        cik,
        lei,
        company_name,
        country,

        -- event
        kind,
        lower(topic) as topic,
        {{ without_addresses('title') }} as title,
        text,
        coalesce(strength, 1e0) as strength,
        url,

        -- times
        {{ utc_timestamp('occurred_at') }} as occurred_at,
        {{ utc_timestamp('known_at') }} as known_at,
        {{ stamped_week() }} as stamped_week,
        {{ is_known_later() }} as is_known_later

    from source

)

select * from renamed
