-- One row per contactable person of an account: where several sources know one, the most trusted one's.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
with

attached as (

    select * from {{ ref('int_contacts_attached') }}

),

repeated as (

    select * from {{ ref('int_contacts_repeated') }}

),

identified as (

    select attached.*
    from attached
    left join repeated on attached.contact_id = repeated.contact_id
    where repeated.contact_id is null

)

select * from identified
