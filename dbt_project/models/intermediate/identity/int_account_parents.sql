-- One row per account that has a parent, with the top of its family: chains of up to 16 levels, by doubling the jump.
-- A ring of parents has no top; its smallest account_id stands for it. A parent that is only known to be the ultimate
-- one stands in where no nearer one is known.
{%- set doublings = 4 %}
with

relationships as (

    select * from {{ ref('stg_company_relationships') }}
    where is_active

),

records as (

    select * from {{ ref('int_records_identified') }}

),

nearest as (

    select
        child.account_id,
        coalesce(
            min(case when relationships.kind <> 'ultimate_parent' then parent.account_id end),
            min(parent.account_id)
        ) as up,
        bool_or(relationships.is_known_later) as is_known_later
    from relationships
    inner join records as child on relationships.child_record_id = child.record_id
    inner join records as parent on relationships.parent_record_id = parent.record_id
    where child.account_id <> parent.account_id
    group by child.account_id

),

jumps_0 as (

    select
        account_id,
        up,
        up as lowest_passed,
        1 as levels,
        is_known_later
    from nearest

),

{%- for doubling in range(1, doublings + 1) %}

jumps_{{ doubling }} as (

    select
        jumps.account_id,
        coalesce(onward.up, jumps.up) as up,
        least(jumps.lowest_passed, coalesce(onward.lowest_passed, jumps.lowest_passed)) as lowest_passed,
        jumps.levels + coalesce(onward.levels, 0) as levels,
        jumps.is_known_later or coalesce(onward.is_known_later, false) as is_known_later
    from jumps_{{ doubling - 1 }} as jumps
    left join jumps_{{ doubling - 1 }} as onward on jumps.up = onward.account_id

),
{%- endfor %}

resolved as (

    select
        jumps.account_id,
        direct.up as parent_account_id,
        -- Where the last jump lands on an account that still has a parent, it landed in a ring.
        coalesce(ring.lowest_passed, jumps.up) as ultimate_parent_account_id,
        case when ring.account_id is null then jumps.levels else 1 end as depth_under_parent,
        jumps.is_known_later
    from jumps_{{ doublings }} as jumps
    inner join jumps_0 as direct on jumps.account_id = direct.account_id
    left join jumps_{{ doublings }} as ring on jumps.up = ring.account_id

)

select * from resolved
