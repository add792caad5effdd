with

source as (

    select * from {{ source('identity', 'uncertain_matches') }}

),

renamed as (

    select
        -- keys
        left_record_id,
        right_record_id,

        -- properties
        match_weight,
        match_probability,
        evidence,
        counter_evidence,
        held_because

    from source

)

select * from renamed
