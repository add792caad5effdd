-- One row per account and earlier list, under the id that the account has by now.
-- Of two accounts that became one, the row that stood higher.
{{ config(materialized='view') }}
with

lists as (

    select * from {{ ref('stg_published_lists') }}

),

merged as (

    select
        account_id,
        became_account_id
    from {{ ref('stg_account_id_changes') }}
    where kind = 'merged'

)

select
    lists.* {{ except_columns(['account_id']) }},
    coalesce(merged.became_account_id, lists.account_id) as account_id
from lists
left join merged on lists.account_id = merged.account_id
qualify row_number() over (
    partition by lists.publish_id, coalesce(merged.became_account_id, lists.account_id)
    order by lists.rank
) = 1
