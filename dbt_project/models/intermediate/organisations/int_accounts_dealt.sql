-- One row per account with deals, as of the list week.
with

deals as (

    select * from {{ ref('int_deals_attributed') }}

),

counted as (

    select
        account_id,
        count(*) filter (where outcome <> 'open') as past_deals,
        {{ median_of("case when outcome <> 'open' then " ~ days_between('created_at', 'closed_at') ~ " end") }} as past_deal_days,
        max(cast(closed_at as date)) filter (where outcome <> 'open') as last_deal_closed_date,
        max(cast(closed_at as date)) filter (where outcome = 'lost') as last_lost_date,
        max_by(source, closed_at) filter (where outcome = 'lost') as last_lost_source,
        min(case when outcome = 'open' then source end) as open_deal_source,
        min(case when outcome = 'won' then source end) as won_deal_source,
        bool_or(is_known_later) as is_known_later
    from deals
    group by account_id

)

select * from counted
