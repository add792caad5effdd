-- One row per account that sales qualified out and that is still so on the list week.
with

verdicts as (

    select * from {{ ref('stg_verdicts') }}
    where given_date <= {{ list_week() }}

),

records as (

    select * from {{ ref('int_records_identified') }}

),

domains as (

    select * from {{ ref('int_account_domains') }}

),

attributed as (

    select
        coalesce(records.account_id, domains.account_id) as account_id,
        verdicts.*
    from verdicts
    left join records on verdicts.record_id = records.record_id
    left join domains on verdicts.domain = domains.domain

),

newest as (

    select *
    from attributed
    where account_id is not null
    qualify row_number() over (partition by account_id order by given_date desc, source, verdict desc) = 1

)

select
    account_id,
    reason as verdict_reason,
    given_date,
    source,
    is_known_later
from newest
where verdict = 'qualified_out' and (until_date is null or until_date >= {{ list_week() }})
