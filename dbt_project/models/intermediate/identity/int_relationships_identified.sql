-- One row per relationship that held on the list week between two accounts: who is said to be above whom.
-- A company is not its own parent, also where its records only meet in one account; a parent without a record is none.
with

relationships as (

    select * from {{ ref('stg_company_relationships') }}
    where is_active and (since_date is null or since_date <= {{ list_week() }})

),

records as (

    select
        record_id,
        account_id
    from {{ ref('int_records_identified') }}

),

identified as (

    select
        child.account_id,
        -- As a comparison of the two, DuckDB would join all records with all others by it.
        nullif(parent.account_id, child.account_id) as parent_account_id,
        relationships.kind,
        relationships.source,
        relationships.since_date,
        relationships.is_known_later
    from relationships
    inner join records as child on relationships.child_record_id = child.record_id
    inner join records as parent on relationships.parent_record_id = parent.record_id

)

select * from identified
where parent_account_id is not null
