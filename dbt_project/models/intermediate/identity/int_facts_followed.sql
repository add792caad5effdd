-- One row per account on the list compared with, under the id that the account has by now.
-- Of two accounts that became one, the row that stood higher.
{{ config(materialized='view') }}
with

facts as (

    select * from {{ ref('stg_last_account_facts') }}

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
    partition by facts.publish_id, coalesce(merged.became_account_id, facts.account_id)
    order by case facts.outcome when 'listed' then 1 else 2 end, facts.alignment_score desc nulls last, facts.account_id
) = 1
