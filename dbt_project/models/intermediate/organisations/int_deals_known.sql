-- One row per deal that was open or closed by the list week, as it stood then, with its account where there is one.
-- What closed later is still open, and at which stage it was that week nobody kept.
with

deals as (

    select
        *,
        outcome <> 'open' and coalesce(closed_at > cast({{ list_week() }} as timestamp), false) as is_closed_later
    from {{ ref('stg_deals') }}
    where created_at is null or created_at <= cast({{ list_week() }} as timestamp)

),

records as (

    select * from {{ ref('int_records_identified') }}

),

domains as (

    select * from {{ ref('int_account_domains') }}

),

known as (

    select
        deals.deal_id,
        coalesce(records.account_id, domains.account_id) as account_id,
        deals.source,
        deals.name,
        deals.amount,
        deals.currency,
        case when not deals.is_closed_later then deals.stage end as stage,
        deals.owner_id,
        case when not deals.is_closed_later then deals.loss_reason end as loss_reason,
        deals.attributes,
        cast(deals.created_at as timestamp) as created_at,
        case when deals.is_closed_later then 'open' else deals.outcome end as outcome,
        case
            when deals.closed_at <= cast({{ list_week() }} as timestamp) then cast(deals.closed_at as timestamp)
        end as closed_at,
        deals.is_known_later
    from deals
    left join records on deals.record_id = records.record_id
    left join domains on deals.domain = domains.domain

)

select * from known
