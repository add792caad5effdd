-- One row per account with evidence of an issue: the heat of every issue of the document, in one pass over the signals.
-- heat = min(1, decayed evidence) x min(1, kinds seen / kinds needed); decayed evidence is the sum, over the signals
-- that an evidence row describes, of weight x strength x 0.5 ^ (age / half-life). What was there when somebody first
-- looked may be old, so it makes no surge.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set issues = criteria_rows('issue', 'issue') %}
with

signals as (

    select * from {{ ref('int_signals_attributed') }}

),

matched as (

    select
        account_id,
        signal_id,
        age_days,
        is_dated,
        is_known_later
        {%- for issue in issues %}{% for evidence in issue.evidence %},
        case when {{ evidence_matches(evidence) }} then {{ decayed_weight(evidence) }} end as {{ evidence_name(issue, loop.index) }}
        {%- endfor %}{% endfor %}
    from signals

),

-- Most signals speak of no issue.
telling as (

    select * from matched
    where {% for issue in issues %}{% for evidence in issue.evidence %}{{ evidence_name(issue, loop.index) }} is not null or {% endfor %}{% endfor %}false

),

summed as (

    select
        account_id,
        bool_or(is_known_later) as is_known_later
        {%- for issue in issues %}{% for evidence in issue.evidence %}
        {%- set name = evidence_name(issue, loop.index) %},
        sum({{ name }}) as {{ name }}_sum,
        min(case when {{ name }} > 0 then {{ strongest_first(name) }} || signal_id end) as {{ name }}_signal
        {%- if evidence.surge %},
        count({{ name }}) filter (where is_dated and age_days < {{ evidence.surge.weeks * 7 }}) as {{ name }}_recent,
        count({{ name }}) filter (where is_dated and age_days >= {{ evidence.surge.weeks * 7 }} and age_days < {{ (evidence.surge.weeks + evidence.surge.baseline_weeks) * 7 }}) as {{ name }}_before
        {%- endif %}
        {%- endfor %}{% endfor %}
    from telling
    group by account_id

),

heated as (

    select
        account_id,
        is_known_later
        {%- for issue in issues %},
        {{ heat_of(issue) }} as heat_{{ issue.id }},
        substr({{ strongest_counted(issue) }}, 13) as signal_{{ issue.id }}
        {%- endfor %}
    from summed

)

select * from heated
