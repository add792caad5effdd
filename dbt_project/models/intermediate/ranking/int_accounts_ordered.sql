-- One row per account that may be listed, in ranking order, with its tier; capacity decides who falls out.
-- Tiers are filled in order; what a tier cannot hold goes to the next.
{%- set ranking = var('ranking') %}
with

aligned as (

    select * from {{ ref('int_accounts_aligned') }}
    where is_aligned and {{ array_length('met_disqualifiers') }} = 0 and alignment_score >= {{ reached_from(ranking.tiers[-1].at_least) }}

),

eligible as (

    select aligned.*
    from aligned
    left join {{ ref('int_accounts_suppressed') }} as suppressed on aligned.account_id = suppressed.account_id
    left join {{ ref('int_accounts_declined') }} as declined on aligned.account_id = declined.account_id
    where suppressed.account_id is null and declined.account_id is null

),

within_parent as (

    select
        account_id,
        alignment_score,
        row_number() over (
            partition by ultimate_parent_account_id
            order by alignment_score desc, account_id
        ) as position_in_parent,
        first_value(account_id) over (
            partition by ultimate_parent_account_id
            order by alignment_score desc, account_id
        ) as best_of_parent_id,
        count(*) over (partition by ultimate_parent_account_id) as accounts_of_parent
    from eligible

),

positioned as (

    select
        account_id,
        alignment_score,
        position_in_parent,
        best_of_parent_id,
        accounts_of_parent,
        case when position_in_parent <= {{ ranking.most_per_parent | int }} then
            row_number() over (
                partition by position_in_parent <= {{ ranking.most_per_parent | int }}
                order by alignment_score desc, account_id
            )
        end as position
    from within_parent

),

counted as (

    select
        {%- for tier in ranking.tiers %}
        count(*) filter (where position is not null and alignment_score >= {{ reached_from(tier.at_least) }}) as reach_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from positioned

),

{%- for tier in ranking.tiers %}

filled_{{ loop.index }} as (

    select
        *,
        {% if loop.first -%}
        least({{ tier.capacity | int }}, reach_1) as end_1
        {%- else -%}
        end_{{ loop.index - 1 }} + greatest(0, least({{ tier.capacity | int }}, reach_{{ loop.index }} - end_{{ loop.index - 1 }})) as end_{{ loop.index }}
        {%- endif %}
    from {{ 'counted' if loop.first else 'filled_' ~ (loop.index - 1) }}

),
{%- endfor %}

tiered as (

    select
        positioned.account_id,
        positioned.position_in_parent,
        positioned.best_of_parent_id,
        positioned.accounts_of_parent,
        positioned.position,
        case
            {%- for tier in ranking.tiers %}
            when positioned.position <= ends.end_{{ loop.index }} then {{ text_literal(tier.id) }}
            {%- endfor %}
        end as tier
    from positioned
    cross join filled_{{ ranking.tiers | length }} as ends

)

select
    account_id,
    position_in_parent,
    best_of_parent_id,
    accounts_of_parent,
    case when tier is not null then cast(position as integer) end as rank,
    tier
from tiered
