-- One row per account and reason earned, in words, for any account whatever its outcome.
{{ config(materialized='view') }}
with

scores as (

    select * from {{ ref('account_scores') }}

),

{{ reasons_in_words('scores') }}

select * from worded
