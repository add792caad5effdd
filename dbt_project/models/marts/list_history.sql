-- One row per account and published list, up to and with this one; each row bears the week and id of its own list.
with

earlier as (

    select * from {{ ref('int_lists_followed') }}

),

current_list as (

    select * from {{ ref('target_accounts') }}

),

lists as (

    select
        rank, account_id, name, domain, tier,
        organisation_fit_score, people_coverage_score, issue_urgency_score, alignment_score,
        list_week, publish_id
    from earlier
    union all
    select
        rank, account_id, name, domain, tier,
        organisation_fit_score, people_coverage_score, issue_urgency_score, alignment_score,
        list_week, publish_id
    from current_list

)

select * from lists
