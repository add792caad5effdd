-- One row per account that sales qualified out and that is still so on the list week: the newest verdict decides.
-- Of several on one day the most trusted source's counts, and of one source the one that qualifies out, for longest.
with

verdicts as (

    select * from {{ ref('int_verdicts_attributed') }}
    where account_id is not null

),

newest as (

    select *
    from verdicts
    qualify row_number() over (
        partition by account_id
        order by given_date desc, {{ source_position('source') }}, source, verdict desc, until_date desc nulls first, reason
    ) = 1

)

select
    account_id,
    reason as verdict_reason,
    given_date,
    until_date,
    source,
    is_known_later
from newest
where verdict = 'qualified_out' and (until_date is null or until_date >= {{ list_week() }})
