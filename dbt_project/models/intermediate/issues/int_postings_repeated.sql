-- One row per job posting that is another one posted again under a new id, or that was: same source, company, title
-- and text (which names the place), opened within some weeks of the day on which the one before was last seen.
-- They are one opening, as old as its first posting; its newest posting speaks for it.
{%- set most_days = 7 * (var('repost_weeks') | int) %}
with

postings as (

    select
        signal_id,
        occurred_at,
        known_at,
        first_seen_week,
        last_seen_week,
        is_dated,
        md5(
            source || '|' || coalesce(record_id, domain, cik, lei, name_key, '') || '|' || coalesce(title, '') || '|' || text
        ) as posting_key
    from {{ ref('int_signals_known') }}
    where kind = 'job_posting' and text is not null

),

keys_repeated as (

    select posting_key from postings
    group by posting_key
    having count(*) > 1

),

followed as (

    select
        postings.*,
        -- One that the board still shows beside the next is as old as it says.
        case
            when lag(postings.last_seen_week) over same_posting < postings.first_seen_week
                then cast(lag(postings.last_seen_week) over same_posting as timestamp)
            else lag(postings.occurred_at) over same_posting
        end as before_at
    from postings
    inner join keys_repeated on postings.posting_key = keys_repeated.posting_key
    window same_posting as (partition by postings.posting_key order by postings.occurred_at, postings.signal_id)

),

parted as (

    select
        *,
        sum(case when {{ days_between('before_at', 'occurred_at') }} <= {{ most_days }} then 0 else 1 end) over (
            partition by posting_key order by occurred_at, signal_id
            rows between unbounded preceding and current row
        ) as opening
    from followed

),

joined as (

    select
        signal_id,
        min(occurred_at) over one_opening as occurred_at,
        min(known_at) over one_opening as known_at,
        min(first_seen_week) over one_opening as first_seen_week,
        bool_and(is_dated) over one_opening as is_dated,
        count(*) over one_opening as postings,
        row_number() over (partition by posting_key, opening order by occurred_at desc, signal_id desc) = 1 as is_newest
    from parted
    window one_opening as (partition by posting_key, opening)

)

select
    signal_id,
    occurred_at,
    known_at,
    first_seen_week,
    is_dated,
    is_newest
from joined
where postings > 1
