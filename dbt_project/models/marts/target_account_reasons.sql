-- One row per listed account and reason, in words; per leg the points add up to the score.
with

scores as (

    select * from {{ ref('account_scores') }}
    where outcome = 'listed'

),

reasons as (

    select * from {{ ref('account_reasons') }}

)

select
    reasons.account_id,
    reasons.leg,
    reasons.reason_id,
    reasons.reason,
    reasons.points,
    reasons.evidence,
    reasons.evidence_source,
    reasons.evidence_date,
    {{ stamps() }}
from reasons
inner join scores on reasons.account_id = scores.account_id
