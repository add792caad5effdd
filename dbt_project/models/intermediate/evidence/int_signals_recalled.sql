-- One row per outcome and signal of its account that had happened before it was opened, aged as on that day.
{#- Read twice, grouped each time: never written down. -#}
{{ config(materialized='view') }}
with

outcomes as (

    select * from {{ ref('int_outcomes_gathered') }}

),

signals as (

    select * from {{ ref('int_signals_attributed') }}

)

select
    outcomes.kind || ':' || outcomes.outcome_id as outcome_key,
    signals.signal_id,
    signals.kind,
    signals.topic,
    signals.strength,
    signals.signal_words,
    signals.occurred_at,
    signals.is_dated,
    greatest({{ days_between('signals.occurred_at', 'outcomes.judged_at') }}, 0) as age_days,
    -- It had happened by then, but nobody had told us yet.
    signals.known_at > outcomes.judged_at as is_known_later
from outcomes
inner join signals on outcomes.account_id = signals.account_id and outcomes.judged_at >= signals.occurred_at
