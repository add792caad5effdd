with

source as (

    select * from {{ source('raw', 'contacts') }}

),

renamed as (

    select
        {{- contact_record_columns() }}
    from source

)

select * from renamed
