with

source as (

    select * from {{ source('identity', 'account_id_changes') }}

),

renamed as (

    select
        account_id,
        became_account_id,
        kind,
        changed_week

    from source

)

select * from renamed
