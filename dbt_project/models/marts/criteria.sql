-- One row per criterion, disqualifier, role and issue of the perfect-customer document that made this list.
with

described as (

    select * from {{ ref('int_reasons_described') }}

),

unreadable as (

    select * from {{ ref('int_criteria_unreadable') }}

)

select
    cast({{ var('ranking').version | int }} as integer) as version,
    described.leg,
    described.kind,
    described.criterion_id,
    described.family,
    described.attribute,
    described.operator,
    described.operand,
    described.points,
    described.statement,
    described.severity,
    described.advantage,
    described.budget,
    described.decision,
    described.cost_of_inaction,
    described.position,
    coalesce(unreadable.unreadable_values, 0) as unreadable_values,
    {{ stamps() }}
from described
left join unreadable on described.criterion_id = unreadable.criterion_id
