-- One row per company record with the account it belongs to; preference 1 is the record whose values win.
-- Narrow, since it is joined to all that follows: what a record says stands in stg_companies.
with

records as (

    select * from {{ ref('int_company_records') }}

),

clusters as (

    select * from {{ ref('stg_company_clusters') }}

),

identified as (

    select
        records.record_id,
        clusters.account_id,
        clusters.link_reason,
        clusters.match_weight,
        row_number() over (
            partition by clusters.account_id
            order by {{ source_position('records.source') }}, records.observed_at desc nulls last, records.record_id
        ) as preference,
        count(*) over (partition by clusters.account_id) as company_records
    from records
    inner join clusters on records.record_id = clusters.record_id

)

select * from identified
