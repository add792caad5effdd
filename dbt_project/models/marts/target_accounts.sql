-- One row per listed account, rank 1 first: the list that marketing gets.
{%- set is_rolled_up = var('ranking').roll_up %}
with

scores as (

    select * from {{ ref('account_scores') }}
    where outcome = 'listed'

),

accounts as (

    select * from {{ ref('accounts') }}

),

changes as (

    select * from {{ ref('target_account_changes') }}

),

aligned as (

    select * from {{ ref('int_accounts_aligned') }}

),

ordered as (

    select * from {{ ref('int_accounts_ordered') }}

),

strongest_issues as (

    select
        account_id,
        reason || coalesce(' (' || evidence || coalesce(', ' || cast(evidence_date as string), '') || ')', '') as why_now
    from {{ ref('target_account_reasons') }}
    where leg = 'issue' and points > 0
    qualify row_number() over (partition by account_id order by points desc, reason_id) = 1

)

select
    scores.rank,
    scores.account_id,
    accounts.name,
    accounts.domain,
    accounts.country,
    scores.tier,
    scores.organisation_fit_score,
    scores.people_coverage_score,
    scores.issue_urgency_score,
    scores.alignment_score,
    scores.is_aligned,
    scores.weakest_leg,
    scores.data_coverage_pct,
    changes.change,
    accounts.city,
    accounts.industry,
    accounts.employees,
    accounts.revenue_usd,
    accounts.website,
    cast(aligned.reachable_contacts as integer) as reachable_contacts,
    scores.missing_roles,
    strongest_issues.why_now,
    {{ 'ordered.accounts_of_parent - 1' if is_rolled_up else 'cast(null as bigint)' }} as rolled_up_accounts,
    changes.previous_rank,
    accounts.newest_signal_date,
    scores.is_known_later,
    {{ stamps() }}
from scores
inner join accounts on scores.account_id = accounts.account_id
inner join aligned on scores.account_id = aligned.account_id
inner join ordered on scores.account_id = ordered.account_id
left join changes on scores.account_id = changes.account_id
left join strongest_issues on scores.account_id = strongest_issues.account_id
