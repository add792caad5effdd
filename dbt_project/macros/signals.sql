{#- The derived attributes that come from signals: counted over those of one account or outcome, in one pass. -#}
{% macro counted_signals() -%}
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
    {{ array_join(sorted_array_agg("case when kind = 'job_posting' and age_days < 180 then signal_words end"), ' ') }} as posting_words
{%- endmacro %}

{#- The same as columns of a row that is joined to `signalled`; conditions tell whether anybody looked for such signals at all. -#}
{% macro signalled_attributes(looked_for_research, looked_for_visits) -%}
    case when signalled.filings > 0 then signalled.acquisitions_24_months end as acquisitions_24_months,
    case when {{ looked_for_research }} then coalesce(signalled.topics_researched_90_days, 0) end as topics_researched_90_days,
    case when {{ looked_for_research }} then coalesce(signalled.research_intensity, 0) end as research_intensity,
    case when {{ looked_for_research }} then coalesce(signalled.research_weeks_12, 0) end as research_weeks_12,
    case when {{ looked_for_visits }} then coalesce(signalled.visits_90_days, 0) end as visits_90_days,
    signalled.posting_words,
    case when signalled.postings > 0 then signalled.openings_28_days end as openings_28_days,
    case
        when signalled.postings > 0
            then (signalled.openings_28_days / 4e0) / (greatest(signalled.openings_baseline, 1) / 12e0)
    end as openings_ratio,
    case when signalled.postings > 0 then signalled.finance_openings_90_days end as finance_openings_90_days,
    signalled.last_posting_date,
    signalled.last_funding_date,
    signalled.last_news_date,
    signalled.last_executive_change_date,
    case when signalled.filings > 0 then signalled.incidents_12_months end as incidents_12_months,
    signalled.last_bankruptcy_date,
    signalled.newest_signal_date
{%- endmacro %}

{#- A text of a vendor's without the e-mail addresses in it: nobody is reached by way of a headline, and whoever opted
    out would stand in it. -#}
{% macro without_addresses(text) -%}
    case
        when {{ text }} like '%@%'
            then {{ replace_pattern(text, '[^\\s@<>()\\[\\],;:"]+@[^\\s@<>()\\[\\],;:"]+\\.[^\\s@<>()\\[\\],;:".]+', '(address)') }}
        else {{ text }}
    end
{%- endmacro %}
