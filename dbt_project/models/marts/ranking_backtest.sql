-- One row per ranking: how well it tells newer won from lost deals.
with

figures as (

    select * from {{ ref('stg_ranking_figures') }}

)

select
    ranking,
    split,
    trained_deals,
    deals,
    won,
    won_pct,
    auc,
    auc_low,
    auc_high,
    lift_top_10_pct,
    precision_top_10_pct,
    capacity,
    lift_at_capacity,
    precision_at_capacity,
    deciles,
    non_monotonic_deciles,
    brier,
    brier_of_base_rate,
    calibration,
    verdict,
    judged_by_todays_facts_pct,
    {{ stamps() }}
from figures
