-- One row per outcome whose account had signals: the derived attributes that come from them, as of its opening.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
with

signals as (

    select * from {{ ref('int_signals_recalled') }}

),

counted as (

    select
        outcome_key,
        {{ counted_signals() }},
        bool_or(is_known_later) as is_known_later
    from signals
    group by outcome_key

)

select * from counted
