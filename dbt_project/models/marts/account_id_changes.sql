-- One row per account id that became another's or had records leave it, with the list week since which it is so.
with

changes as (

    select * from {{ ref('stg_account_id_changes') }}

)

select
    account_id,
    became_account_id,
    kind,
    changed_week,
    {{ stamps() }}
from changes
