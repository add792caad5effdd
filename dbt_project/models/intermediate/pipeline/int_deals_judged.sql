-- One row per open deal: keep, find_out or qualify_out by the alignment of its account, with the reason and the weak leg.
{%- set ranking = var('ranking') %}
{%- set disqualifiers = [] %}
{%- for row in criteria_rows('organisation', 'disqualifier') %}{% do disqualifiers.append(text_literal(row.id)) %}{% endfor %}
{%- set unknown = array_join(array_except('aligned.reasons_unknown', array_of(disqualifiers, 'string')), ', ') %}
{%- set missing = array_join('aligned.missing_roles', ', ') %}
{%- set legs = [] %}
{%- for leg, score, words, gap in [
    ('organisation', 'organisation_fit_score', 'organisation fit', "' (not known: ' || nullif(" ~ unknown ~ ", '') || ')'"),
    ('people', 'people_coverage_score', 'people coverage', "' (nobody yet as: ' || nullif(" ~ missing ~ ", '') || ')'"),
    ('issue', 'issue_urgency_score', 'issue urgency', 'null'),
] if ranking.weights[leg] > 0 %}
    {%- do legs.append({'id': leg, 'score': 'aligned.' ~ score, 'words': words, 'gap': gap, 'minimum': plain_number(ranking.minimum[leg])}) %}
{%- endfor %}
{%- set weak = [] %}
{%- for leg in legs %}{% do weak.append("case when " ~ leg.id ~ "_short > 0 then " ~ leg.id ~ "_weak end") %}{% endfor %}
with

deals as (

    select
        deal_id,
        account_id
    from {{ ref('int_deals_known') }}
    where outcome = 'open'

),

aligned as (

    select * from {{ ref('int_accounts_aligned') }}

),

-- Whom nobody may sell to; that a list leaves out customers and open deals says nothing of a deal.
barred as (

    select * from {{ ref('int_accounts_suppressed') }}
    where suppression in ('do_not_contact', 'manual', 'competitor')

),

declined as (

    select * from {{ ref('int_accounts_declined') }}

),

disqualifiers as (

    select * from {{ ref('int_reasons_described') }}
    where kind = 'disqualifier'

),

weighed as (

    select
        deals.deal_id,
        aligned.name as company_name,
        aligned.domain,
        aligned.organisation_fit_score,
        aligned.people_coverage_score,
        aligned.issue_urgency_score,
        aligned.alignment_score,
        aligned.is_aligned,
        aligned.data_coverage_pct,
        -- What the organisation would have if all that is unknown were met.
        aligned.organisation_fit_score + 100 - aligned.data_coverage_pct as organisation_fit_at_most,
        {%- for leg in legs %}
        case when {{ leg.score }} < {{ reached_from(leg.minimum) }} then {{ number_literal(leg.minimum) }} - {{ leg.score }} else 0e0 end as {{ leg.id }}_short,
        '{{ leg.words }} ' || {{ score_under(leg.score, leg.minimum) }} || ' is under the minimum of {{ leg.minimum }}'
            || coalesce({{ leg.gap }}, '') as {{ leg.id }}_weak,
        {%- endfor %}
        barred.suppression,
        barred.suppression_source,
        disqualifiers.criterion_id as disqualifier_id,
        disqualifiers.statement as disqualifier_why,
        declined.given_date,
        declined.verdict_reason,
        aligned.is_known_later
            or coalesce(barred.is_known_later, false)
            or coalesce(declined.is_known_later, false) as is_known_later
    from deals
    left join aligned on deals.account_id = aligned.account_id
    left join barred on deals.account_id = barred.account_id
    left join declined on deals.account_id = declined.account_id
    left join disqualifiers on {{ array_first('aligned.met_disqualifiers') }} = disqualifiers.criterion_id

),

judged as (

    select
        *,
        case
            when alignment_score is null then 'find_out'
            when suppression is not null or disqualifier_id is not null or given_date is not null then 'qualify_out'
            {%- for leg in legs if leg.id == 'organisation' %}
            when organisation_fit_at_most < {{ reached_from(leg.minimum) }} then 'qualify_out'
            {%- endfor %}
            when is_aligned then 'keep'
            else 'find_out'
        end as verdict,
        case
            {%- for leg in legs %}
            when {{ leg.id }}_short > 0 and {{ leg.id }}_short >= greatest({% for other in legs %}{{ other.id }}_short{{ ', ' if not loop.last }}{% endfor %}) then '{{ leg.id }}'
            {%- endfor %}
        end as weak_leg,
        case
            when alignment_score is null then 'no account: nobody knows which company this deal is with'
            when suppression is not null
                then replace(suppression, '_', ' ') || ' (says ' || suppression_source || ')'
            when disqualifier_id is not null then disqualifier_id || ': ' || disqualifier_why
            when given_date is not null
                then 'sales qualified it out on ' || cast(given_date as string) || coalesce(': ' || verdict_reason, '')
            {%- for leg in legs if leg.id == 'organisation' %}
            when organisation_fit_at_most < {{ reached_from(leg.minimum) }}
                then organisation_weak || ', and would be ' || {{ score_under('organisation_fit_at_most', leg.minimum) }} || ' at most if all that is not known were met'
            {%- endfor %}
            when is_aligned then 'aligned: each leg reaches its minimum'
            else {{ array_join(array_without_nulls(array_of(weak, 'string')), '; ') }}
        end as reason
    from weighed

)

select * from judged
