-- One row per account that was qualified out and reason: every disqualifier met, or the verdict of sales.
{%- set disqualifiers = criteria_rows('organisation', 'disqualifier') %}
with

scores as (

    select * from {{ ref('account_scores') }}
    where outcome = 'qualified_out'

),

accounts as (

    select * from {{ ref('accounts') }}

),

criteria as (

    select * from {{ ref('criteria') }}
    where kind = 'disqualifier'

),

declined as (

    select * from {{ ref('int_accounts_declined') }}

),

met as (

    select
        scores.account_id,
        reason_id as reason_id
    from scores
    {{ explode_array('scores.met_disqualifiers', 'reason_id') }}

),

reasons as (

    select
        met.account_id,
        met.reason_id,
        criteria.statement as reason,
        {{ organisation_evidence('met.reason_id', disqualifiers, 'accounts') }} as evidence,
        {{ organisation_evidence_source('met.reason_id', disqualifiers, 'accounts', mastered_columns()) }} as evidence_source,
        cast(null as date) as evidence_date
    from met
    inner join accounts on met.account_id = accounts.account_id
    inner join criteria on met.reason_id = criteria.criterion_id
    union all
    select
        scores.account_id,
        'sales_verdict' as reason_id,
        'sales qualified it out' as reason,
        nullif({{ array_join(array_without_nulls(array_of([
            'declined.verdict_reason', "'holds until ' || cast(declined.until_date as string)"
        ], 'string')), '; ') }}, '') as evidence,
        declined.source as evidence_source,
        declined.given_date as evidence_date
    from scores
    inner join declined on scores.account_id = declined.account_id

)

select
    reasons.account_id,
    accounts.name,
    accounts.domain,
    accounts.country,
    reasons.reason_id,
    reasons.reason,
    reasons.evidence,
    reasons.evidence_source,
    reasons.evidence_date,
    {{ stamps() }}
from reasons
inner join accounts on reasons.account_id = accounts.account_id
