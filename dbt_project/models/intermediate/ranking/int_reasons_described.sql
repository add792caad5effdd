-- One row per row of the document (criteria, disqualifiers, roles, issues): how it reads in words.
select
    cast(leg as string) as leg,
    cast(kind as string) as kind,
    cast(criterion_id as string) as criterion_id,
    cast(family as string) as family,
    cast(attribute as string) as attribute,
    cast(operator as string) as operator,
    cast(operand as string) as operand,
    cast(points as decimal(9, 4)) as points,
    cast(statement as string) as statement,
    cast(severity as string) as severity,
    cast(advantage as string) as advantage,
    cast(budget as string) as budget,
    cast(decision as string) as decision,
    cast(cost_of_inaction as string) as cost_of_inaction,
    cast(position as integer) as position
from (
    {% for row in var('criteria') -%}
    select
        {{ text_literal(row.leg) }} as leg,
        {{ text_literal(row.kind) }} as kind,
        {{ text_literal(row.id) }} as criterion_id,
        {{ nullable_text(row.get('family')) }} as family,
        {{ nullable_text(row.get('attribute')) }} as attribute,
        {{ nullable_text(row.get('operator')) }} as operator,
        {{ text_literal(operand_in_words(row)) }} as operand,
        {{ number_literal(row.points) if row.get('points') is not none else 'null' }} as points,
        {{ text_literal(row.get('why') or row.get('motivation') or row.get('statement') or '') }} as statement,
        {{ nullable_text(row.get('severity')) }} as severity,
        {{ nullable_text(row.get('advantage')) }} as advantage,
        {{ nullable_text(row.get('budget')) }} as budget,
        {{ nullable_text(row.get('decision')) }} as decision,
        {{ nullable_text(row.get('cost_of_inaction')) }} as cost_of_inaction,
        {{ row.position | default(loop.index) }} as position
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        null as leg, null as kind, null as criterion_id, null as family, null as attribute, null as operator,
        null as operand, null as points, null as statement, null as severity, null as advantage, null as budget,
        null as decision, null as cost_of_inaction, null as position
    where false
    {% endfor %}
)
