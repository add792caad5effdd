-- One row per account: how its family is built, over its own records and those of all accounts below it.
with

records as (

    select
        identified.account_id,
        lower(companies.city) || ', ' || coalesce(companies.country, '') as site
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_records_identified') }} as identified on companies.record_id = identified.record_id

),

ancestors as (

    select * from {{ ref('int_account_ancestors') }}

),

families as (

    select
        account_id,
        site
    from records
    union all
    select
        ancestors.ancestor_account_id as account_id,
        records.site
    from ancestors
    inner join records on ancestors.account_id = records.account_id

),

placed as (

    select
        account_id,
        nullif(count(distinct site), 0) as sites
    from families
    group by account_id

),

below as (

    select
        ancestor_account_id as account_id,
        count(*) as subsidiaries
    from ancestors
    group by ancestor_account_id

),

additions as (

    select
        parent_account_id as account_id,
        count(distinct account_id) as subsidiaries_added_24_months
    from {{ ref('int_relationships_identified') }}
    where {{ days_between('since_date', list_week()) }} <= 730
    group by parent_account_id

)

select
    placed.account_id,
    coalesce(below.subsidiaries, 0) as subsidiaries,
    coalesce(additions.subsidiaries_added_24_months, 0) as subsidiaries_added_24_months,
    placed.sites
from placed
left join below on placed.account_id = below.account_id
left join additions on placed.account_id = additions.account_id
