-- One row per outcome that evidence rests on: a closed deal of an account, or a verdict of sales on one.
-- It is judged by what was known before: as of its opening, and by the facts of the newest list published up to then.
with

deals as (

    select * from {{ ref('int_deals_attributed') }}
    where outcome <> 'open'

),

verdicts as (

    select
        account_id,
        source,
        given_date,
        min(verdict) = 'accepted' and max(verdict) = 'accepted' as is_accepted
    from {{ ref('int_verdicts_attributed') }}
    where account_id is not null
    group by account_id, source, given_date

),

outcomes as (

    select
        'deal' as kind,
        deal_id as outcome_id,
        account_id,
        outcome = 'won' as is_won,
        created_at as opened_at
    from deals
    union all
    select
        'verdict' as kind,
        source || ':' || account_id || ':' || cast(given_date as string) as outcome_id,
        account_id,
        is_accepted as is_won,
        cast(given_date as timestamp) as opened_at
    from verdicts

),

facts as (

    select account_id, list_week from {{ ref('int_past_facts_followed') }}

),

reached as (

    select
        outcomes.kind,
        outcomes.outcome_id,
        max(facts.list_week) as facts_week
    from outcomes
    inner join facts on outcomes.account_id = facts.account_id
    where facts.list_week <= cast(outcomes.opened_at as date)
    group by outcomes.kind, outcomes.outcome_id

)

select
    outcomes.kind,
    outcomes.outcome_id,
    outcomes.account_id,
    outcomes.is_won,
    outcomes.opened_at,
    -- Without a date it is judged by all that is known on the list week.
    coalesce(outcomes.opened_at, cast({{ list_week() }} as timestamp)) as judged_at,
    reached.facts_week
from outcomes
left join reached on outcomes.kind = reached.kind and outcomes.outcome_id = reached.outcome_id
