with

source as (

    select * from {{ source('raw', 'account_facts') }}

),

renamed as (

    select
        -- keys
        account_id,

        -- facts
        {%- for column in fact_columns() %}
        {{ column }},
        {%- endfor %}
        reachable_contacts,
        reason_ids,

        -- times
        list_week

    from source
    -- Lists of earlier versions kept scores alone.
    where reachable_contacts is not null

)

select * from renamed
