-- One row per criterion, disqualifier, role and issue of the document: what deals and verdicts say of it.
with

figures as (

    select * from {{ ref('stg_criterion_figures') }}

),

described as (

    select * from {{ ref('int_reasons_described') }}

)

select
    described.position,
    figures.leg,
    figures.kind,
    figures.criterion_id,
    figures.family,
    described.statement,
    described.operand,
    figures.deals_met,
    figures.won_met,
    figures.won_met_pct,
    figures.won_met_low_pct,
    figures.won_met_high_pct,
    figures.deals_not_met,
    figures.won_not_met,
    figures.won_not_met_pct,
    figures.won_not_met_low_pct,
    figures.won_not_met_high_pct,
    figures.deals_unknown,
    figures.won_unknown,
    figures.won_unknown_pct,
    figures.won_unknown_low_pct,
    figures.won_unknown_high_pct,
    figures.lift,
    figures.weight_of_evidence,
    figures.information_value,
    figures.p_value,
    figures.q_value,
    figures.points,
    figures.suggested_points,
    figures.verdict,
    figures.leak,
    figures.verdicts_met,
    figures.accepted_met,
    figures.verdicts_not_met,
    figures.accepted_not_met,
    figures.verdicts_unknown,
    figures.judged_by_todays_facts_pct,
    {{ stamps() }}
from figures
inner join described on figures.criterion_id = described.criterion_id
