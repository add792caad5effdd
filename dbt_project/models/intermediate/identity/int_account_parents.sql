-- One row per account that has a parent: its parent, the top of its family and the steps up to it.
with

ancestors as (

    select * from {{ ref('int_account_ancestors') }}

)

select
    account_id,
    min_by(ancestor_account_id, levels) as parent_account_id,
    max_by(ancestor_account_id, levels) as ultimate_parent_account_id,
    max(levels) as depth_under_parent,
    bool_or(is_known_later) as is_known_later
from ancestors
group by account_id
