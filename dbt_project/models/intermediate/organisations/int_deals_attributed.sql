-- One row per deal of an account as it stood on the list week: what closed later is still open.
with

deals as (

    select * from {{ ref('stg_deals') }}
    where created_at is null or created_at <= cast({{ list_week() }} as timestamp)

),

records as (

    select * from {{ ref('int_records_identified') }}

),

domains as (

    select * from {{ ref('int_account_domains') }}

),

attributed as (

    select
        deals.deal_id,
        coalesce(records.account_id, domains.account_id) as account_id,
        deals.source,
        deals.name,
        deals.amount,
        deals.currency,
        deals.stage,
        deals.owner_id,
        deals.loss_reason,
        cast(deals.created_at as timestamp) as created_at,
        case
            when deals.outcome = 'open' or deals.closed_at > cast({{ list_week() }} as timestamp) then 'open'
            else deals.outcome
        end as outcome,
        case
            when deals.closed_at <= cast({{ list_week() }} as timestamp) then cast(deals.closed_at as timestamp)
        end as closed_at,
        deals.is_known_later
    from deals
    left join records on deals.record_id = records.record_id
    left join domains on deals.domain = domains.domain

)

select * from attributed
where account_id is not null
