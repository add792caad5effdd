-- One row per account, attribute and source that contradicts the value of the account, with both values.
{{ config(materialized='view') }}
with

contradicted as (

    select * from {{ ref('int_values_contradicted') }}

)

select
    account_id,
    attribute,
    value,
    value_source,
    value_date,
    other_value,
    other_value_source,
    other_value_date,
    {{ stamps() }}
from contradicted
