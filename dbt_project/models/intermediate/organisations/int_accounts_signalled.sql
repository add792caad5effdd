-- One row per account with signals: the derived attributes that come from them, in one pass.
-- An opening counts where its day is known: a board without dates, seen for the first time, is no surge of hiring.
with

signals as (

    select * from {{ ref('int_signals_attributed') }}

),

counted as (

    select
        account_id,
        count(distinct topic) filter (where kind in ('topic_surge', 'research') and age_days < 90) as topics_researched_90_days,
        cast(sum(cast(strength as decimal(28, 9))) filter (
            where kind in ('topic_surge', 'research') and age_days < 28
        ) as double) as research_intensity,
        count(distinct date_trunc('week', occurred_at)) filter (
            where kind in ('topic_surge', 'research') and age_days < 84
        ) as research_weeks_12,
        count(*) filter (where kind = 'web_visit' and age_days < 90) as visits_90_days,
        count(*) filter (where kind = 'job_posting' and is_dated) as postings,
        count(*) filter (where kind = 'job_posting' and is_dated and age_days < 28) as openings_28_days,
        count(*) filter (where kind = 'job_posting' and is_dated and age_days >= 28 and age_days < 112) as openings_baseline,
        count(*) filter (
            where kind = 'job_posting' and is_dated and age_days < 90
            and {{ mentions_any('signal_words', ['finance', 'accounting', 'accountant', 'controller', 'controlling', 'fp a', 'treasury', 'audit']) }}
        ) as finance_openings_90_days,
        max(cast(occurred_at as date)) filter (where kind = 'job_posting' and is_dated) as last_posting_date,
        max(cast(occurred_at as date)) filter (where {{ is_round_of_funding() }}) as last_funding_date,
        max(cast(occurred_at as date)) filter (where kind = 'news') as last_news_date,
        count(*) filter (where kind = 'filing') as filings,
        count(*) filter (where {{ is_filing_of('acquisition') }} and age_days <= 730) as acquisitions_24_months,
        count(*) filter (where {{ is_filing_of('incident') }} and age_days <= 365) as incidents_12_months,
        max(cast(occurred_at as date)) filter (where {{ is_filing_of('executive change') }}) as last_executive_change_date,
        max(cast(occurred_at as date)) filter (where {{ is_filing_of('bankruptcy') }}) as last_bankruptcy_date,
        max(cast(occurred_at as date)) as newest_signal_date,
        {{ array_join(sorted_array_agg("case when kind = 'job_posting' and age_days < 180 then signal_words end"), ' ') }} as posting_words,
        bool_or(is_known_later) as is_known_later
    from signals
    group by account_id

)

select * from counted
