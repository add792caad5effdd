-- One row per company record, with the account it became part of and why.
{{ config(materialized='view') }}
with

records as (

    select * from {{ ref('int_company_records') }}

),

identified as (

    select * from {{ ref('int_records_identified') }}

)

select
    identified.account_id,
    records.source,
    records.source_company_id,
    records.name,
    records.domain,
    identified.link_reason,
    cast(identified.match_weight as double) as match_weight,
    cast(records.observed_at as timestamp) as observed_at,
    {{ stamps() }}
from records
inner join identified on records.record_id = identified.record_id
