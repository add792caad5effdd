-- One row per account with evidence of an issue: the heat of every issue of the document, in one pass over the signals.
-- heat = min(1, decayed evidence) x min(1, kinds seen / kinds needed); decayed evidence is the sum, over the signals
-- that an evidence row describes, of weight x strength x 0.5 ^ (age / half-life). What was there when somebody first
-- looked may be old, so it makes no surge.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
with

signals as (

    select * from {{ ref('int_signals_attributed') }}

),

{{ heated_issues('account_id') }}

select * from heated
