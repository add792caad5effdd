with

source as (

    select * from {{ source('evidence', 'criterion_figures') }}

)

select * from source
