-- One row per account and published list that kept its facts, under the id that the account has by now.
-- Of two accounts that became one, the row of the one whose id stayed.
{{ config(materialized='view') }}
{{ followed(ref('stg_account_facts'), 'list_week', "case when merged.account_id is null then 1 else 2 end, past.account_id") }}
