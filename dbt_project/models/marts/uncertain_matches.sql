-- One row per pair of company records that are not one account but may be, for people to decide on.
with

matches as (

    select * from {{ ref('stg_uncertain_matches') }}

),

records as (

    select
        records.record_id,
        identified.account_id,
        records.name,
        records.domain,
        records.country
    from {{ ref('int_company_records') }} as records
    inner join {{ ref('int_records_identified') }} as identified on records.record_id = identified.record_id

)

select
    matches.left_record_id,
    left_records.account_id as left_account_id,
    left_records.name as left_name,
    left_records.domain as left_domain,
    left_records.country as left_country,
    matches.right_record_id,
    right_records.account_id as right_account_id,
    right_records.name as right_name,
    right_records.domain as right_domain,
    right_records.country as right_country,
    cast(matches.match_weight as double) as match_weight,
    cast(matches.match_probability as double) as match_probability,
    matches.evidence,
    matches.counter_evidence,
    matches.held_because,
    {{ stamps() }}
from matches
inner join records as left_records on matches.left_record_id = left_records.record_id
inner join records as right_records on matches.right_record_id = right_records.record_id
