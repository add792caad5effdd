-- One row per known deal of an account.
{{ config(materialized='view') }}
with

deals as (

    select * from {{ ref('int_deals_known') }}

)

select * from deals
where account_id is not null
