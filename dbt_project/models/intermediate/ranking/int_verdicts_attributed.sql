-- One row per verdict given up to the list week, with its account; account_id is null where no account goes by its key.
-- A company id is the source's own, another source's as `source:id`, or the account's; a domain is what the newest list of
-- the verdict's day called so, else the one account that goes by it.
with

verdicts as (

    select * from {{ ref('stg_verdicts') }}
    where given_date <= {{ list_week() }}

),

records as (

    select * from {{ ref('int_records_identified') }}

),

domains as (

    select * from {{ ref('int_account_domains') }}

),

lists as (

    select * from {{ ref('int_lists_followed') }}

),

accounts as (

    select distinct account_id from records

),

keys as (

    select record_id as company_key, account_id from records
    union all
    select account_id as company_key, account_id from accounts

),

answered as (

    select distinct domain, given_date from verdicts

),

listed as (

    select
        answered.domain,
        answered.given_date,
        lists.account_id
    from answered
    inner join lists on answered.domain = lists.domain and answered.given_date >= lists.list_week
    inner join accounts on lists.account_id = accounts.account_id
    qualify row_number() over (
        partition by answered.domain, answered.given_date
        order by lists.list_week desc, lists.rank
    ) = 1

)

select
    coalesce(own_records.account_id, keys.account_id, listed.account_id, domains.account_id) as account_id,
    verdicts.company_key,
    verdicts.domain,
    verdicts.source,
    verdicts.verdict,
    verdicts.reason,
    verdicts.given_date,
    verdicts.until_date,
    verdicts.is_known_later
from verdicts
left join records as own_records on verdicts.record_id = own_records.record_id
left join keys on verdicts.company_key = keys.company_key
left join listed on verdicts.domain = listed.domain and verdicts.given_date = listed.given_date
left join domains on verdicts.domain = domains.domain
