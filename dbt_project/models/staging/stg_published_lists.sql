with

source as (

    select * from {{ source('raw', 'published_lists') }}

),

renamed as (

    select
        -- keys
        account_id,
        publish_id,

        -- account
        rank,
        name,
        domain,
        tier,

        -- scores
        organisation_fit_score,
        people_coverage_score,
        issue_urgency_score,
        alignment_score,

        -- times
        list_week

    from source

)

select * from renamed
