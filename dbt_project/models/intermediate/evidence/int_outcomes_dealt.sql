-- One row per outcome: the deals of its account that had closed before it was opened.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
with

outcomes as (

    select * from {{ ref('int_outcomes_gathered') }}
    where opened_at is not null

),

deals as (

    select * from {{ ref('int_deals_attributed') }}
    where outcome <> 'open'

)

select
    outcomes.kind,
    outcomes.outcome_id,
    count(deals.deal_id) as past_deals,
    {{ median_of(days_between('deals.created_at', 'deals.closed_at')) }} as past_deal_days,
    max(cast(deals.closed_at as date)) as last_deal_closed_date
from outcomes
left join deals on outcomes.account_id = deals.account_id and outcomes.opened_at >= deals.closed_at
    and outcomes.outcome_id <> deals.deal_id
group by outcomes.kind, outcomes.outcome_id
