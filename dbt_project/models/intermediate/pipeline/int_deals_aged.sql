-- One row per open deal: its age beside the usual one of won deals.
-- Usual is the age at which won deals left the stage; where too few are known to have come through it, the age at winning.
with

deals as (

    select
        *,
        {{ entered_key('stage') }} as entered_key,
        {{ days_between('created_at', list_week()) }} as age_days
    from {{ ref('int_deals_known') }}
    where outcome = 'open'

),

stages as (

    select * from {{ ref('int_stages_aged') }}
    where entered_key is not null and {{ has_enough('won_deals') }}

),

wins as (

    select * from {{ ref('int_stages_aged') }}
    where entered_key is null

),

compared as (

    select
        deals.deal_id,
        deals.account_id,
        deals.source,
        deals.name,
        deals.amount,
        deals.currency,
        deals.stage,
        deals.owner_id,
        cast(deals.created_at as date) as created_date,
        deals.age_days,
        case
            when stages.source is not null then 'stage'
            when {{ has_enough('wins.won_deals') }} then 'won'
        end as usual_basis,
        coalesce(stages.won_deals, wins.won_deals, 0) as usual_deals,
        coalesce(stages.usual_days, case when {{ has_enough('wins.won_deals') }} then wins.usual_days end) as usual_days,
        deals.is_known_later
    from deals
    left join stages on deals.source = stages.source and deals.entered_key = stages.entered_key
    left join wins on deals.source = wins.source

)

select * from compared
