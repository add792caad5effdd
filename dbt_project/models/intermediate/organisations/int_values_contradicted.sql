-- One row per account, attribute and source whose value contradicts the one that stands in accounts.
with

claims as (

    select * from {{ ref('int_values_claimed') }}

),

promoted as (

    select
        promotions.record_id,
        attribute
    from {{ ref('int_records_promoted') }} as promotions
    {{ explode_array('promotions.attributes', 'attribute') }}

),

standing as (

    select claims.*
    from claims
    left join promoted on claims.record_id = promoted.record_id and claims.attribute = promoted.attribute
    qualify row_number() over (
        partition by claims.account_id, claims.attribute
        order by case when promoted.record_id is null then 1 else 0 end, claims.preference
    ) = 1

)

select
    claims.account_id,
    claims.attribute,
    standing.value,
    standing.source as value_source,
    standing.value_date,
    claims.value as other_value,
    claims.source as other_value_source,
    claims.value_date as other_value_date
from claims
inner join standing on claims.account_id = standing.account_id and claims.attribute = standing.attribute
where claims.source <> standing.source and {{ contradicts('standing', 'claims') }}
