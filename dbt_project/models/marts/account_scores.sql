-- One row per account of the universe: the three legs, what they come to, and the one outcome with its reason.
with

decided as (

    select * from {{ ref('int_accounts_decided') }}

)

select
    account_id,
    organisation_fit_score,
    people_coverage_score,
    issue_urgency_score,
    alignment_score,
    is_aligned,
    weakest_leg,
    data_coverage_pct,
    missing_roles,
    reasons_earned,
    reasons_unknown,
    met_disqualifiers,
    outcome,
    outcome_reason,
    tier,
    rank,
    is_known_later or is_decision_known_later as is_known_later,
    {{ stamps() }}
from decided
