-- One row per outcome whose account had evidence of an issue: the heat of every issue, as of its opening.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
with

signals as (

    select * from {{ ref('int_signals_recalled') }}

),

{{ heated_issues('outcome_key') }}

select * from heated
