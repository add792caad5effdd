-- One row per company record with the account it belongs to; preference 1 is the record whose values win.
with

records as (

    select * from {{ ref('stg_companies') }}

),

clusters as (

    select * from {{ ref('stg_company_clusters') }}

),

identified as (

    select
        'acc_' || left(md5(clusters.cluster_id), 16) as account_id,
        clusters.link_reason,
        clusters.match_weight,
        {{ source_position('records.source') }} as source_position,
        records.*
    from records
    inner join clusters on records.record_id = clusters.record_id

),

preferred as (

    select
        *,
        row_number() over (
            partition by account_id
            order by source_position, observed_at desc nulls last, record_id
        ) as preference
    from identified

)

select * from preferred
