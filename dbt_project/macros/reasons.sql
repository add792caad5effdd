{#- The reasons of accounts in words: CTEs that end with `worded`, over a CTE of account scores. -#}
{% macro reasons_in_words(scores) -%}
{%- set criteria = criteria_rows('organisation', 'criterion') %}
accounts as (

    select * from {{ ref('accounts') }}

),

criteria as (

    select * from {{ ref('criteria') }}

),

contacts as (

    select * from {{ ref('contacts') }}

),

signals as (

    select * from {{ ref('signals') }}

),

reasons as (

    select
        scores.account_id,
        reason.leg as leg,
        reason.reason_id as reason_id,
        reason.points as points,
        -- One key per kind of evidence: a condition on the leg in the join would make it a nested loop.
        case when reason.leg = 'people' then reason.evidence_id end as contact_id,
        case when reason.leg = 'issue' then reason.evidence_id end as signal_id
    from {{ scores }} as scores
    {{ explode_array('scores.reasons_earned', 'reason') }}

),

worded as (

    select
        reasons.account_id,
        reasons.leg,
        reasons.reason_id,
        coalesce(criteria.statement, case reasons.reason_id
            when 'cap_at_100' then 'a leg cannot score above 100'
            when 'floor_at_0' then 'a leg cannot score below 0'
        end) as reason,
        reasons.points,
        case reasons.leg
            when 'organisation' then {{ organisation_evidence('reasons.reason_id', criteria, 'accounts') }}
            when 'people' then
                coalesce(contacts.full_name, 'name unknown') || coalesce(', ' || contacts.title, '')
                || ' (by ' || replace(contacts.reachable_by, '_', ' ') || ')'
            when 'issue' then
                replace(signals.kind, '_', ' ') || coalesce(': ' || coalesce(signals.topic, signals.title), '')
        end as evidence,
        case reasons.leg
            when 'organisation' then {{ organisation_evidence_source('reasons.reason_id', criteria, 'accounts', mastered_columns()) }}
            when 'people' then contacts.source
            when 'issue' then signals.source
        end as evidence_source,
        case reasons.leg
            when 'organisation' then {{ organisation_evidence_date('reasons.reason_id', criteria, 'accounts') }}
            when 'issue' then cast(signals.occurred_at as date)
        end as evidence_date,
        accounts.list_week,
        accounts.publish_id
    from reasons
    inner join accounts on reasons.account_id = accounts.account_id
    left join criteria on reasons.leg = criteria.leg and reasons.reason_id = criteria.criterion_id
    left join contacts on reasons.contact_id = contacts.contact_id
    left join signals on reasons.signal_id = signals.signal_id

)
{%- endmacro %}
