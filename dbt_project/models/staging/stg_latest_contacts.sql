with

source as (

    select * from {{ source('raw', 'latest_contacts') }}

),

renamed as (

    select
        -- keys
        source || ':' || source_contact_id as contact_id,
        source,
        source_contact_id,
        source || ':' || source_company_id as record_id,

        -- person
        company_domain,
        full_name,
        title,
        department,
        seniority,

        -- ways to reach
        lower(email) as email,
        -- Batches that landed before the landing filled it in have only the address.
        coalesce(email_domain, split_part(lower(email), '@', 2)) as email_domain,
        phone,
        profile_url,
        coalesce(is_opted_out, false) as is_opted_out,
        coalesce(is_do_not_call, false) as is_do_not_call,

        -- times
        {{ utc_timestamp('observed_at') }} as observed_at,
        {{ is_known_later() }} as is_known_later

    from source

)

select * from renamed
