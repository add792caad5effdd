-- One row per outcome: how far each row of the document was met before it was opened, by the criteria that judge accounts.
-- A role is unknown where nobody reachable is known, people are not judged, or the list of then tells of no such role; an issue where no signal of its kinds reaches back so far.
{%- set conditions = criteria_rows('organisation', 'criterion') + criteria_rows('organisation', 'disqualifier') %}
{%- set roles = criteria_rows('people', 'role') %}
{%- set are_roles_judged = var('ranking').weights.people > 0 %}
{%- set issues = criteria_rows('issue', 'issue') %}
{%- set kept = [
    'kind', 'outcome_id', 'outcome_key', 'account_id', 'is_won', 'opened_at', 'judged_at', 'facts_week',
    'is_company_of_today', 'is_signals_of_today', 'employees', 'newest_signal_date', 'reachable_contacts',
    'reason_ids',
] %}
with

outcomes as (

    select * from {{ ref('int_outcomes_described') }}

),

heated as (

    select * from {{ ref('int_outcomes_heated') }}

),

looked as (

    select
        {%- for issue in issues %}
        {%- set kinds = issue.evidence | map(attribute='kind') | list %}
        min(case when kind in ({{ text_list(kinds) }}) then occurred_at end) as since_{{ issue.id }},
        {%- endfor %}
        count(*) as signals
    from {{ ref('int_signals_attributed') }}

),

-- A list that was kept tells of the roles that its document had: of no others is it known whether anybody filled them.
told as (

    select
        list_week,
        {%- for role in roles %}
        max(case when {{ array_contains('reason_ids', role.id) }} then 1 else 0 end) as told_{{ role.id }},
        {%- endfor %}
        count(*) as accounts
    from {{ ref('int_past_facts_followed') }}
    group by list_week

),

{{ graded_on(conditions, 'outcomes', kept, 'worded.judged_at') }}

select
    graded.kind,
    graded.outcome_id,
    graded.account_id,
    graded.is_won,
    graded.opened_at,
    graded.judged_at,
    graded.facts_week,
    graded.is_company_of_today,
    graded.is_signals_of_today,
    graded.employees,
    graded.newest_signal_date,
    {%- for row in conditions %}
    graded.{{ grade_column(row) }},
    {%- endfor %}
    {%- for role in roles %}
    case
        when
            graded.reachable_contacts > 0 and {{ 'true' if are_roles_judged else 'false' }}
            and (graded.facts_week is null or told.told_{{ role.id }} = 1)
            then case when {{ array_contains('graded.reason_ids', role.id) }} then 1e0 else 0e0 end
    end as {{ grade_column(role) }},
    {%- endfor %}
    {%- for issue in issues %}
    case
        when looked.since_{{ issue.id }} <= graded.judged_at then coalesce(heated.heat_{{ issue.id }}, 0e0)
    end as {{ grade_column(issue) }},
    {%- endfor %}
    {{ sha256_of('graded.account_id') }} as account_hash
from graded
cross join looked
left join told on graded.facts_week = told.list_week -- noqa: ST11
left join heated on graded.outcome_key = heated.outcome_key -- noqa: ST11
