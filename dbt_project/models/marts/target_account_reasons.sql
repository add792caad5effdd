-- One row per listed account and reason, in words; per leg the points add up to the score.
with

scores as (

    select * from {{ ref('account_scores') }}
    where outcome = 'listed'

),

{{ reasons_in_words('scores') }}

select
    account_id,
    leg,
    reason_id,
    reason,
    points,
    evidence,
    evidence_source,
    evidence_date,
    {{ stamps() }}
from worded
