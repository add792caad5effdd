with

source as (

    select * from {{ source('raw', 'companies') }}

),

renamed as (

    select
        -- keys
        source || ':' || source_company_id as record_id,
        source,
        source_company_id,
        batch_id,

        -- names and addresses
        name,
        aliases,
        website,
        domain,
        country,
        region,
        city,
        postal_code,
        street,
        phone,

        -- firmographics
        industry,
        industry_code,
        industry_system,
        employees,
        employees_low,
        employees_high,
        revenue_usd,
        founded_year,
        ownership,
        legal_form,
        status,

        -- identifiers
        lei,
        cik,
        registration_authority,
        registration_number,

        -- everything else
        attributes,

        -- times
        {{ utc_timestamp('observed_at') }} as observed_at,
        {{ is_known_later() }} as is_known_later

    from source

)

select * from renamed
