-- One row per record and key: records that hold the same key of a kind belong to one company.
with

links as (

    select * from {{ ref('int_links_by_lei') }}
    union all
    select * from {{ ref('int_links_by_cik') }}
    union all
    select * from {{ ref('int_links_by_registration') }}
    union all
    select * from {{ ref('int_links_by_crm') }}
    union all
    select * from {{ ref('int_links_by_domain') }}
    union all
    select * from {{ ref('int_links_by_details') }}

)

select * from links
