-- One row per account with signals: the derived attributes that come from them, in one pass.
-- An opening counts where its day is known: a board without dates, seen for the first time, is no surge of hiring.
with

signals as (

    select * from {{ ref('int_signals_attributed') }}

),

counted as (

    select
        account_id,
        {{ counted_signals() }},
        bool_or(is_known_later) as is_known_later
    from signals
    group by account_id

)

select * from counted
