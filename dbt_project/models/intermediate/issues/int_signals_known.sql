-- One row per signal that was known on the list week's morning, in its newest wording.
-- Without a publication time of its own, a signal is known from the week of the batch that first showed it. Those that
-- a source's first batch showed may be older: nobody looked before. So may a job board's first undated postings: a board
-- that is added to a source later was not looked at before either.
{#- Read once whole, and for the domains and names that signals go by: cheaper than writing it down. -#}
{{ config(materialized='view') }}
{%- set signals = ref('stg_signals') %}
{%- set undated_posting = "kind = 'job_posting' and coalesce(occurred_at, known_at) is null" %}
{%- set company = "coalesce(record_id, domain, cik, lei, company_name)" %}
{%- set of_one_batch = "source in (" ~ (text_list(var('sources_of_one_batch')) or "''") ~ ")" %}
with

-- Chosen among narrow rows. A batch's id begins with its week, so the greatest is the newest; and where a source's
-- signals came in one batch, nothing has to be chosen.
newest as (

    select
        signal_id,
        max(batch_id) as batch_id,
        min(stamped_week) as first_seen_week,
        max(stamped_week) as last_seen_week
    from {{ signals }}
    where not {{ of_one_batch }}
    group by signal_id

),

seen as (

    select
        *,
        stamped_week as first_seen_week,
        stamped_week as last_seen_week
    from {{ signals }}
    where {{ of_one_batch }}
    union all
    select
        signals.*,
        newest.first_seen_week,
        newest.last_seen_week
    from {{ signals }} as signals
    inner join newest on signals.signal_id = newest.signal_id and signals.batch_id = newest.batch_id
    where not signals.{{ of_one_batch }}

),

first_looks as (

    select
        source as looking_source,
        min(stamped_week) as first_look_week
    from {{ ref('stg_batches') }}
    where table_name = 'signals'
    group by source

),

boards as (

    select
        source as board_source,
        {{ company }} as board_company,
        min(stamped_week) as first_look_week
    from {{ signals }}
    where {{ undated_posting }}
    group by source, {{ company }}

),

looked_at as (

    select
        *,
        case when {{ undated_posting }} then {{ company }} end as looked_at_company
    from seen

),

dated as (

    select
        seen.*,
        coalesce(seen.occurred_at, seen.known_at) is not null
        or seen.first_seen_week > coalesce(boards.first_look_week, first_looks.first_look_week) as is_dated,
        cast(coalesce(seen.known_at, seen.first_seen_week) as timestamp) as signal_known_at,
        cast(coalesce(seen.occurred_at, seen.known_at, seen.first_seen_week) as timestamp) as signal_occurred_at
    from looked_at as seen
    left join first_looks on seen.source = first_looks.looking_source
    left join boards on seen.source = boards.board_source and seen.looked_at_company = boards.board_company

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
    first_seen_week,
    last_seen_week,
    is_dated,
    is_known_later
from dated
where signal_known_at <= cast({{ list_week() }} as timestamp)
