-- One row per account: how its family is built, over its own records and those of the accounts below it.
with

records as (

    select
        identified.account_id,
        identified.record_id,
        companies.city,
        companies.country
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_records_identified') }} as identified on companies.record_id = identified.record_id

),

parents as (

    select * from {{ ref('int_account_parents') }}

),

families as (

    select account_id, account_id as member_id from {{ ref('int_records_identified') }}
    union
    select parent_account_id as account_id, account_id as member_id from parents
    union
    select ultimate_parent_account_id as account_id, account_id as member_id from parents

),

additions as (

    select
        parent.account_id,
        count(distinct child.account_id) as subsidiaries_added_24_months
    from {{ ref('stg_company_relationships') }} as relationships
    inner join records as child on relationships.child_record_id = child.record_id
    inner join records as parent on relationships.parent_record_id = parent.record_id
    where
        relationships.is_active
        and child.account_id <> parent.account_id
        and {{ days_between('relationships.since_date', list_week()) }} between 0 and 730
    group by parent.account_id

),

counted as (

    select
        families.account_id,
        count(distinct families.member_id) - 1 as subsidiaries,
        nullif(count(distinct lower(records.city) || ', ' || coalesce(records.country, '')), 0) as sites
    from families
    inner join records on families.member_id = records.account_id
    group by families.account_id

)

select
    counted.account_id,
    counted.subsidiaries,
    coalesce(additions.subsidiaries_added_24_months, 0) as subsidiaries_added_24_months,
    counted.sites
from counted
left join additions on counted.account_id = additions.account_id
