-- One row per account and account above it, at any level up to 32; a family that is deeper is parted there.
{%- set most_levels = 32 %}
with recursive

parents as (

    select * from {{ ref('int_parents_chosen') }}

),

ancestors as (

    select
        account_id,
        parent_account_id as ancestor_account_id,
        1 as levels,
        is_known_later
    from parents
    union all
    select
        ancestors.account_id,
        parents.parent_account_id as ancestor_account_id,
        ancestors.levels + 1 as levels,
        ancestors.is_known_later or parents.is_known_later as is_known_later
    from ancestors
    inner join parents on ancestors.ancestor_account_id = parents.account_id
    where ancestors.levels < {{ most_levels }}

)

select * from ancestors
