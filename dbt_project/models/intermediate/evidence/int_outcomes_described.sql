-- One row per outcome: everything that a criterion may look at of its account, as it stood before the opening.
-- What the company was is told by the facts of the newest list published up to then; where there is none, by today's.
-- What happened is dated, and counted up to the opening.
with

outcomes as (

    select * from {{ ref('int_outcomes_gathered') }}

),

facts as (

    select * from {{ ref('int_past_facts_followed') }}

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

aligned as (

    select * from {{ ref('int_accounts_aligned') }}

),

signalled as (

    select * from {{ ref('int_outcomes_signalled') }}

),

dealt as (

    select * from {{ ref('int_outcomes_dealt') }}

),

looked as (

    select
        min(case when kind in ('topic_surge', 'research') then occurred_at end) as research_since,
        min(case when kind = 'web_visit' then occurred_at end) as visits_since
    from {{ ref('int_signals_attributed') }}

)

select
    outcomes.kind,
    outcomes.outcome_id,
    outcomes.kind || ':' || outcomes.outcome_id as outcome_key,
    outcomes.account_id,
    outcomes.is_won,
    outcomes.opened_at,
    outcomes.judged_at,
    outcomes.facts_week,
    outcomes.facts_week is null as is_company_of_today,
    coalesce(signalled.is_known_later, false) or outcomes.opened_at is null as is_signals_of_today,
    {%- for column in fact_columns() %}
    case when outcomes.facts_week is null then accounts.{{ column }} else facts.{{ column }} end as {{ column }},
    {%- endfor %}
    {{ signalled_attributes('looked.research_since <= outcomes.judged_at', 'looked.visits_since <= outcomes.judged_at') }},
    dealt.past_deals,
    dealt.past_deal_days,
    dealt.last_deal_closed_date,
    case
        when outcomes.facts_week is null then aligned.reachable_contacts else facts.reachable_contacts
    end as reachable_contacts,
    case
        when outcomes.facts_week is null then {{ array_transform('aligned.reasons_earned', 'item.reason_id') }}
        else facts.reason_ids
    end as reason_ids
from outcomes
inner join accounts on outcomes.account_id = accounts.account_id
cross join looked
left join facts on outcomes.account_id = facts.account_id and outcomes.facts_week = facts.list_week
left join aligned on outcomes.account_id = aligned.account_id
left join signalled on outcomes.kind || ':' || outcomes.outcome_id = signalled.outcome_key
left join dealt on outcomes.kind = dealt.kind and outcomes.outcome_id = dealt.outcome_id
