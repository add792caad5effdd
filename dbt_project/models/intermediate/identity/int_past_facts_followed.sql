-- One row per account and published list that kept its facts, under the id that the account has by now.
-- Of two accounts that became one, the row of the one whose id stayed.
{{ config(materialized='view') }}
with

facts as (

    select * from {{ ref('stg_account_facts') }}

),

merged as (

    select
        account_id,
        became_account_id
    from {{ ref('stg_account_id_changes') }}
    where kind = 'merged'

)

select
    facts.* {{ except_columns(['account_id']) }},
    coalesce(merged.became_account_id, facts.account_id) as account_id
from facts
left join merged on facts.account_id = merged.account_id
qualify row_number() over (
    partition by facts.list_week, coalesce(merged.became_account_id, facts.account_id)
    order by case when merged.account_id is null then 1 else 2 end, facts.account_id
) = 1
