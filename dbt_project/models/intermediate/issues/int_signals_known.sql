-- One row per signal that was known on the list week's morning, in its newest wording.
-- Without a publication time of its own, a signal is known from the week of the batch that first showed it.
with

signals as (

    select * from {{ ref('stg_signals') }}

),

newest as (

    select
        *,
        cast(min(stamped_week) over (partition by signal_id) as timestamp) as first_seen_at
    from signals
    qualify row_number() over (partition by signal_id order by stamped_week desc, batch_id desc) = 1

),

dated as (

    select
        *,
        cast(coalesce(known_at, first_seen_at) as timestamp) as signal_known_at,
        cast(coalesce(occurred_at, known_at, first_seen_at) as timestamp) as signal_occurred_at
    from newest

)

select
    signal_id,
    source,
    record_id,
    domain,
    cik,
    lei,
    -- A column of its own: inside the join below, a row's key would be made again for each candidate.
    case when company_name is not null then {{ name_key('company_name') }} end as name_key,
    country,
    kind,
    topic,
    title,
    text,
    strength,
    url,
    signal_occurred_at as occurred_at,
    signal_known_at as known_at,
    is_known_later
from dated
where signal_known_at <= cast({{ list_week() }} as timestamp)
