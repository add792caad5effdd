-- One row per owner of deals: what they closed and won, and whether they are among the best performers.
-- Owners are ordered by the lower end of the interval, so that few deals don't make anybody the best by luck.
with

deals as (

    select * from {{ ref('int_deals_known') }}
    where owner_id is not null

),

owners as (

    select * from {{ ref('stg_owners') }}

),

counted as (

    select
        owner_id,
        source,
        count(*) filter (where outcome <> 'open') as closed_deals,
        count(*) filter (where outcome = 'won') as won_deals,
        bool_or(is_known_later) as is_known_later
    from deals
    group by owner_id, source

),

shared as (

    select
        *,
        {{ share_pct('won_deals', 'closed_deals') }} as won_pct,
        {{ wilson_pct('won_deals', 'closed_deals', -1) }} as won_low_pct,
        {{ wilson_pct('won_deals', 'closed_deals', 1) }} as won_high_pct
    from counted

),

compared as (

    select
        owner_id,
        row_number() over (order by won_low_pct desc, won_deals desc, owner_id) as place,
        count(*) over () as compared_owners
    from shared
    where {{ has_enough('closed_deals') }}

),

ranked as (

    select
        shared.owner_id,
        shared.source,
        owners.name,
        owners.email,
        owners.territory,
        shared.closed_deals,
        shared.won_deals,
        shared.won_pct,
        shared.won_low_pct,
        shared.won_high_pct,
        compared.place * {{ var('pipeline').best_of | int }} <= compared.compared_owners as is_best_performer,
        shared.is_known_later or coalesce(owners.is_known_later, false) as is_known_later
    from shared
    left join compared on shared.owner_id = compared.owner_id
    left join owners on shared.owner_id = owners.owner_id

)

select * from ranked
