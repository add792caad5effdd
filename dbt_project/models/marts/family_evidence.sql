-- One row per family of factors: what it adds to telling won from lost deals.
with

figures as (

    select * from {{ ref('stg_family_figures') }}

)

select
    family,
    criteria,
    points_pct,
    information_value,
    deals,
    auc_alone,
    auc_alone_low,
    auc_alone_high,
    auc_added,
    auc_added_low,
    auc_added_high,
    verdict,
    judged_by_todays_facts_pct,
    {{ stamps() }}
from figures
