-- One row per account: the three legs side by side, and what they come to together.
-- alignment = weighted geometric mean of the legs, each floored at 1; a leg of weight 0 is not judged:
-- it has no score and no reasons, since a 0 would read as a verdict.
{%- set ranking = var('ranking') %}
{%- set judged = [] %}
{%- for leg in ['organisation', 'people', 'issue'] if ranking.weights[leg] > 0 %}{% do judged.append(leg) %}{% endfor %}
{%- set scores = {'organisation': 'organisation_fit_score', 'people': 'people_coverage_score', 'issue': 'issue_urgency_score'} %}
{%- set no_reasons = array_of([], struct_type(reason_fields())) %}
{%- set tables = {'organisation': 'organisations', 'people': 'people', 'issue': 'issues'} %}
{%- set ns = namespace(weight=0.0, reasons=no_reasons) %}
{%- for leg in judged %}
    {%- set ns.weight = ns.weight + (ranking.weights[leg] | float) %}
    {%- set ns.reasons = array_concat(ns.reasons, "coalesce(" ~ tables[leg] ~ "." ~ leg ~ "_reasons, " ~ no_reasons ~ ")") %}
{%- endfor %}
{%- set all_roles = [] %}
{%- for role in criteria_rows('people', 'role') %}{% do all_roles.append(text_literal(role.id)) %}{% endfor %}
with

organisations as (

    select * from {{ ref('int_organisations_judged') }}

),

people as (

    select * from {{ ref('int_people_covered') }}

),

issues as (

    select * from {{ ref('int_issues_pressing') }}

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

legs as (

    select
        organisations.account_id,
        accounts.name,
        accounts.domain,
        accounts.ultimate_parent_account_id,
        {%- for leg, score in scores.items() %}
        cast({{ 'coalesce(' ~ tables[leg] ~ '.' ~ score ~ ', 0)' if leg in judged else 'null' }} as decimal(9, 4)) as {{ score }},
        {%- endfor %}
        organisations.data_coverage_pct,
        coalesce(people.missing_roles, {{ array_of(all_roles, 'string') }}) as missing_roles,
        {{ ns.reasons }} as reasons_earned,
        organisations.reasons_unknown,
        organisations.met_disqualifiers,
        coalesce(people.reachable_contacts, 0) as reachable_contacts,
        accounts.is_known_later or coalesce(people.is_known_later, false) or coalesce(issues.is_known_later, false) as is_known_later
    from organisations
    inner join accounts on organisations.account_id = accounts.account_id
    left join people on organisations.account_id = people.account_id
    left join issues on organisations.account_id = issues.account_id

),

aligned as (

    select
        *,
        cast(round(exp((
            {%- for leg in judged %}
            {{ number_literal(ranking.weights[leg]) }} * ln(greatest(cast({{ scores[leg] }} as double), 1e0)){{ ' +' if not loop.last }}
            {%- endfor %}
        ) / {{ number_literal(ns.weight) }}), 4) as decimal(9, 4)) as alignment_score,
        {%- for leg in judged %}
        {{ scores[leg] }} >= {{ reached_from(ranking.minimum[leg]) }}{{ ' and' if not loop.last }}
        {%- endfor %} as is_aligned,
        case
            {%- for leg in judged %}
            when {{ scores[leg] }} <= least({% for other in judged %}{{ scores[other] }}{{ ', ' if not loop.last }}{% endfor %}) then '{{ leg }}'
            {%- endfor %}
        end as weakest_leg
    from legs

)

select * from aligned
