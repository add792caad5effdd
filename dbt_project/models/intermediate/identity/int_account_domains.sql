-- One row per domain that leads to exactly one account: its only one, or the ultimate parent of all that share it.
with

records as (

    select * from {{ ref('int_records_identified') }}

),

identity_keys as (

    select * from {{ ref('int_company_records') }}
    where identity_domain is not null

),

shared as (

    select * from {{ ref('int_domains_shared') }}

),

parents as (

    select * from {{ ref('int_account_parents') }}

),

-- Most domains are one record's.
alone as (

    select
        identity_keys.identity_domain as domain,
        records.account_id
    from identity_keys
    inner join records on identity_keys.record_id = records.record_id
    left join shared on identity_keys.identity_domain = shared.identity_domain
    where shared.identity_domain is null

),

holders as (

    select
        identity_keys.identity_domain as domain,
        records.account_id,
        coalesce(parents.ultimate_parent_account_id, records.account_id) as ultimate_parent_account_id
    from identity_keys
    inner join shared on identity_keys.identity_domain = shared.identity_domain
    inner join records on identity_keys.record_id = records.record_id
    left join parents on records.account_id = parents.account_id

),

resolved as (

    select
        domain,
        case
            when min(account_id) = max(account_id) then min(account_id)
            when min(ultimate_parent_account_id) = max(ultimate_parent_account_id) then min(ultimate_parent_account_id)
        end as account_id
    from holders
    group by domain

)

select
    domain,
    account_id
from alone
union all
select
    domain,
    account_id
from resolved
where account_id is not null
