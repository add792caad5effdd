-- One row per signal of an account that was known on the list week's morning.
{{ config(materialized='view') }}
with

signals as (

    select * from {{ ref('int_signals_attributed') }}

)

select
    signal_id,
    account_id,
    source,
    kind,
    topic,
    title,
    strength,
    occurred_at,
    known_at,
    first_seen_week,
    last_seen_week,
    url,
    is_known_later,
    {{ stamps() }}
from signals
