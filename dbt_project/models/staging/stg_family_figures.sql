with

source as (

    select * from {{ source('evidence', 'family_figures') }}

)

select * from source
