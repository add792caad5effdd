-- One row per account that is on this list or was on the one it is compared with, with what changed and why.
{%- set legs = [
    ('organisation fit', 'organisation_fit_score'),
    ('people coverage', 'people_coverage_score'),
    ('issue urgency', 'issue_urgency_score'),
] %}
with

current_week as (

    select
        scores.*,
        {{ array_transform('scores.reasons_earned', 'item.reason_id') }} as reason_ids,
        accounts.name,
        accounts.domain
    from {{ ref('account_scores') }} as scores
    inner join {{ ref('accounts') }} as accounts on scores.account_id = accounts.account_id

),

previous_week as (

    select * from {{ ref('int_facts_followed') }}

),

listed_before as (

    select distinct account_id from {{ ref('int_lists_followed') }}

),

compared as (

    select
        coalesce(current_week.account_id, previous_week.account_id) as account_id,
        coalesce(current_week.name, previous_week.name) as name,
        coalesce(current_week.domain, previous_week.domain) as domain,
        case when current_week.outcome = 'listed' then current_week.rank end as rank,
        case when previous_week.outcome = 'listed' then previous_week.rank end as previous_rank,
        current_week.alignment_score,
        previous_week.alignment_score as previous_alignment_score,
        current_week.outcome,
        current_week.outcome_reason,
        previous_week.account_id is not null as has_previous,
        previous_week.outcome_reason as previous_outcome_reason,
        listed_before.account_id is not null as was_ever_listed,
        previous_week.list_week as previous_week,
        nullif({{ array_join(array_except('current_week.reason_ids', 'previous_week.reason_ids'), ', ') }}, '') as gained,
        nullif({{ array_join(array_except('previous_week.reason_ids', 'current_week.reason_ids'), ', ') }}, '') as lost,
        {%- for words, score in legs %}
        case
            when round(current_week.{{ score }}, 1) <> round(previous_week.{{ score }}, 1)
                then '{{ words }} ' || cast(cast(previous_week.{{ score }} as decimal(9, 1)) as string)
                    || ' to ' || cast(cast(current_week.{{ score }} as decimal(9, 1)) as string)
        end as {{ score }}_change{{ ',' if not loop.last }}
        {%- endfor %}
    from current_week
    full outer join previous_week on current_week.account_id = previous_week.account_id
    left join listed_before on current_week.account_id = listed_before.account_id
    where current_week.outcome = 'listed' or previous_week.outcome = 'listed'

),

explained as (

    select
        *,
        case
            when rank is null then 'left'
            when previous_rank is null and was_ever_listed then 'returned'
            when previous_rank is null then 'new'
            when rank < previous_rank then 'up'
            when rank > previous_rank then 'down'
            else 'same'
        end as change,
        nullif({{ array_join(array_without_nulls(array_of([
            'organisation_fit_score_change', 'people_coverage_score_change', 'issue_urgency_score_change',
            "'gained ' || replace(gained, '_', ' ')", "'lost ' || replace(lost, '_', ' ')"
        ], 'string')), '; ') }}, '') as score_changes
    from compared

)

select
    account_id,
    name,
    domain,
    change,
    rank,
    previous_rank,
    alignment_score,
    previous_alignment_score,
    case change
        when 'left' then coalesce(outcome || ': ' || outcome_reason, 'no source gives this account any more')
        when 'same' then coalesce(score_changes, 'nothing changed')
        when 'up' then coalesce(score_changes, 'others fell behind')
        when 'down' then coalesce(score_changes, 'others moved ahead')
        else case
            when not has_previous and previous_week is null and score_changes is null
                then 'not known at the list before'
            else 'was ' || coalesce(previous_outcome_reason, 'not known') || coalesce('; now ' || score_changes, '')
        end
    end as reason,
    previous_week,
    {{ stamps() }}
from explained
