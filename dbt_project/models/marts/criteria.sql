-- One row per criterion, disqualifier, role and issue of the perfect-customer document that made this list.
with

described as (

    select * from {{ ref('int_reasons_described') }}

)

select
    cast({{ var('ranking').version | int }} as integer) as version,
    leg,
    kind,
    criterion_id,
    family,
    attribute,
    operator,
    operand,
    points,
    statement,
    severity,
    advantage,
    budget,
    decision,
    cost_of_inaction,
    position,
    {{ stamps() }}
from described
