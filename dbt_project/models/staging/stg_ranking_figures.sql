with

source as (

    select * from {{ source('evidence', 'ranking_figures') }}

)

select * from source
