with

source as (

    select * from {{ source('raw', 'last_account_facts') }}

),

renamed as (

    select
        -- keys
        account_id,
        publish_id,

        -- account
        name,
        domain,
        tier,
        rank,

        -- scores
        organisation_fit_score,
        people_coverage_score,
        issue_urgency_score,
        alignment_score,
        outcome,
        outcome_reason,
        reason_ids,

        -- times
        list_week

    from source

)

select * from renamed
