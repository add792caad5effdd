-- One row per company record, with the account it became part of and why.
with

records as (

    select * from {{ ref('int_records_identified') }}

)

select
    account_id,
    source,
    source_company_id,
    name,
    domain,
    link_reason,
    cast(match_weight as double) as match_weight,
    cast(observed_at as timestamp) as observed_at,
    {{ stamps() }}
from records
