-- One row per account of the universe, with the source and date of each mastered value.
{{ config(materialized='view') }}
with

described as (

    select * from {{ ref('int_accounts_described') }}

)

select
    account_id,
    name,
    domain,
    website,
    country,
    region,
    city,
    phone,
    industry,
    industry_code,
    cast(employees as bigint) as employees,
    cast(employees_low as bigint) as employees_low,
    cast(employees_high as bigint) as employees_high,
    revenue_usd,
    cast(founded_year as bigint) as founded_year,
    ownership,
    legal_form,
    status,
    lei,
    cik,
    parent_account_id,
    ultimate_parent_account_id,
    attributes,
    attribute_sources,
    cast(subsidiaries as bigint) as subsidiaries,
    cast(subsidiaries_added_24_months as bigint) as subsidiaries_added_24_months,
    cast(acquisitions_24_months as bigint) as acquisitions_24_months,
    cast(sites as bigint) as sites,
    cast(depth_under_parent as bigint) as depth_under_parent,
    has_parent,
    cast(topics_researched_90_days as bigint) as topics_researched_90_days,
    cast(research_intensity as double) as research_intensity,
    cast(research_weeks_12 as bigint) as research_weeks_12,
    cast(visits_90_days as bigint) as visits_90_days,
    cast(past_deals as bigint) as past_deals,
    cast(past_deal_days as double) as past_deal_days,
    last_deal_closed_date,
    technologies,
    is_listed,
    is_regulated,
    cast(openings_28_days as bigint) as openings_28_days,
    cast(openings_ratio as double) as openings_ratio,
    cast(finance_openings_90_days as bigint) as finance_openings_90_days,
    last_posting_date,
    last_funding_date,
    last_news_date,
    last_executive_change_date,
    cast(incidents_12_months as bigint) as incidents_12_months,
    last_bankruptcy_date,
    newest_signal_date,
    {%- for column in mastered_columns() %}
    {{ column }}_source,
    {{ column }}_date,
    {%- endfor %}
    cast(company_records as bigint) as company_records,
    cast(contradictions as bigint) as contradictions,
    is_known_later,
    {{ stamps() }}
from described
