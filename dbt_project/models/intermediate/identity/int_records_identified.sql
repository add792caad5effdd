-- One row per company record with the account it belongs to; preference 1 is the record whose values win.
with

records as (

    select * from {{ ref('stg_companies') }}

),

clusters as (

    select * from {{ ref('stg_company_clusters') }}

),

-- Chosen among narrow rows, which are joined to the wide ones afterwards.
preferred as (

    select
        records.record_id,
        'acc_' || left(md5(clusters.cluster_id), 16) as account_id,
        clusters.link_reason,
        clusters.match_weight,
        row_number() over (
            partition by clusters.cluster_id
            order by {{ source_position('records.source') }}, records.observed_at desc nulls last, records.record_id
        ) as preference,
        count(*) over (partition by clusters.cluster_id) as company_records
    from records
    inner join clusters on records.record_id = clusters.record_id

),

identified as (

    select
        preferred.account_id,
        preferred.link_reason,
        preferred.match_weight,
        preferred.preference,
        preferred.company_records,
        records.*
    from records
    inner join preferred on records.record_id = preferred.record_id

)

select * from identified
