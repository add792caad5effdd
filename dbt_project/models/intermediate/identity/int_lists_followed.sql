-- One row per account and earlier list, under the id that the account has by now.
-- Of two accounts that became one, the row that stood higher.
{{ config(materialized='view') }}
{{ followed(ref('stg_published_lists'), 'publish_id', "past.rank") }}
