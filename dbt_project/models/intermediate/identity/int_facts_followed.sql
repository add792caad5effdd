-- One row per account on the list compared with, under the id that the account has by now.
-- Of two accounts that became one, the row that stood higher.
{{ config(materialized='view') }}
{{ followed(ref('stg_last_account_facts'), 'publish_id', "case past.outcome when 'listed' then 1 else 2 end, past.alignment_score desc nulls last, past.account_id") }}
