-- One row per account of the universe with its one outcome: the first that applies, and the rule that decided.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set ranking = var('ranking') %}
{%- set ns = namespace(capacity=0) %}
{%- for tier in ranking.tiers %}{% set ns.capacity = ns.capacity + tier.capacity %}{% endfor %}
{%- set legs = [
    ('organisation', 'organisation_fit_score', 'organisation fit'),
    ('people', 'people_coverage_score', 'people coverage'),
    ('issue', 'issue_urgency_score', 'issue urgency'),
] %}
with

aligned as (

    select * from {{ ref('int_accounts_aligned') }}

),

suppressed as (

    select * from {{ ref('int_accounts_suppressed') }}

),

declined as (

    select * from {{ ref('int_accounts_declined') }}

),

ordered as (

    select * from {{ ref('int_accounts_ordered') }}

),

disqualifiers as (

    {% for row in criteria_rows('organisation', 'disqualifier') -%}
    select {{ text_literal(row.id) }} as disqualifier_id, {{ text_literal(row.why) }} as why
    union all
    {% endfor -%}
    select null as disqualifier_id, null as why

),

joined as (

    select
        aligned.*,
        suppressed.suppression,
        suppressed.suppression_source,
        suppressed.suppressed_since,
        declined.account_id is not null as is_declined,
        declined.verdict_reason,
        declined.given_date,
        coalesce(suppressed.is_known_later, false)
            or coalesce(declined.is_known_later, false) as is_decision_known_later,
        ordered.rank,
        ordered.tier,
        ordered.position_in_parent,
        {%- if ranking.roll_up %}
        coalesce(best_of_parent.name, best_of_parent.account_id)
            || coalesce(' (' || best_of_parent.domain || ')', '') as best_of_parent_in_words,
        {%- endif %}
        disqualifiers.disqualifier_id,
        disqualifiers.why as disqualifier_why
    from aligned
    left join suppressed on aligned.account_id = suppressed.account_id
    left join declined on aligned.account_id = declined.account_id
    left join ordered on aligned.account_id = ordered.account_id
    {%- if ranking.roll_up %}
    left join aligned as best_of_parent on ordered.best_of_parent_id = best_of_parent.account_id
    {%- endif %}
    left join disqualifiers on {{ array_first('aligned.met_disqualifiers') }} = disqualifiers.disqualifier_id

),

decided as (

    select
        *,
        case
            when suppression is not null then 'suppressed'
            when disqualifier_id is not null or is_declined then 'qualified_out'
            when tier is not null then 'listed'
            else 'below_line'
        end as outcome,
        case
            when suppression is not null
                then replace(suppression, '_', ' ') || coalesce(' on ' || cast(suppressed_since as string), '')
                    || ' (says ' || suppression_source || ')'
            when disqualifier_id is not null
                then disqualifier_id || ': ' || disqualifier_why
            when is_declined
                then 'sales qualified it out on ' || cast(given_date as string) || coalesce(': ' || verdict_reason, '')
            {%- for leg, score, words in legs if ranking.weights[leg] > 0 %}
            when {{ score }} < {{ reached_from(ranking.minimum[leg]) }}
                then 'not aligned: {{ words }} ' || {{ score_under(score, ranking.minimum[leg]) }} || ' is under the minimum of {{ ranking.minimum[leg] }}'
            {%- endfor %}
            when alignment_score < {{ reached_from(ranking.tiers[-1].at_least) }}
                then 'alignment ' || {{ score_under('alignment_score', ranking.tiers[-1].at_least) }} || {{ text_literal(' is under the lowest tier (' ~ ranking.tiers[-1].id ~ ' from ' ~ ranking.tiers[-1].at_least ~ ')') }}
            {%- if ranking.roll_up %}
            when position_in_parent > 1
                then 'stands under ' || best_of_parent_in_words || ', the best aligned of its family'
            {%- endif %}
            when position_in_parent > {{ ranking.most_per_parent | int }}
                then {{ text_literal('over the cap of ' ~ ranking.most_per_parent ~ ' accounts per ultimate parent') }}
            when tier is not null
                then 'listed in tier ' || tier || ' at rank ' || cast(rank as string)
            else {{ text_literal('over capacity: the tiers hold ' ~ ns.capacity ~ ' accounts') }}
        end as outcome_reason
    from joined

)

select * from decided
