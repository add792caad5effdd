-- One row per open deal: keep it, find out what is missing, or qualify it out; and its age beside that of won deals.
with

deals as (

    select * from {{ ref('int_deals_aged') }}

),

judged as (

    select * from {{ ref('int_deals_judged') }}

),

owners as (

    select * from {{ ref('int_owners_ranked') }}

)

select
    deals.deal_id,
    deals.source,
    deals.name as deal_name,
    deals.account_id,
    judged.company_name,
    judged.domain,
    deals.owner_id,
    owners.name as owner_name,
    deals.amount,
    deals.currency,
    deals.stage,
    deals.created_date,
    judged.verdict,
    judged.weak_leg,
    judged.reason,
    cast(deals.age_days as bigint) as age_days,
    deals.usual_days,
    deals.usual_deals,
    deals.usual_basis,
    deals.age_days > deals.usual_days as is_older_than_usual,
    case
        when deals.age_days is null then 'nobody knows when it was opened'
        when deals.usual_days is null then 'not enough won deals to compare with: ' || {{ too_few('deals.usual_deals') }}
        else cast(deals.age_days as string) || ' days old; '
            || cast(deals.usual_deals as string) || ' won deals '
            || case deals.usual_basis when 'stage' then 'left this stage' else 'were won' end
            || ' at ' || cast(cast(round(deals.usual_days, 0) as bigint) as string) || ' (median)'
    end as age_note,
    judged.organisation_fit_score,
    judged.people_coverage_score,
    judged.issue_urgency_score,
    judged.alignment_score,
    judged.is_aligned,
    judged.data_coverage_pct,
    deals.is_known_later or coalesce(judged.is_known_later, false) as is_known_later,
    {{ stamps() }}
from deals
inner join judged on deals.deal_id = judged.deal_id
left join owners on deals.owner_id = owners.owner_id
