with

source as (

    select * from {{ source('raw', 'latest_contacts') }}

),

renamed as (

    select
        source || ':' || source_contact_id as contact_id,
        lower(email) as email,
        profile_url,
        coalesce(is_opted_out, false) as is_opted_out,
        coalesce(is_do_not_call, false) as is_do_not_call

    from source

)

select * from renamed
