with

source as (

    select * from {{ source('raw', 'latest_contacts') }}

),

renamed as (

    select
        {{- contact_record_columns() }}
    from source

)

select * from renamed
