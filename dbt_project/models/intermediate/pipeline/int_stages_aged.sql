-- One row per source and stage that won deals came through: how old they were, in days, when they left it.
-- The row without a stage is about the whole way, from opening to winning.
with

won as (

    select
        deal_id,
        source,
        attributes,
        cast(created_at as date) as created_date,
        cast(closed_at as date) as closed_date
    from {{ ref('int_deals_known') }}
    where outcome = 'won' and closed_at >= created_at

),

dated as (

    select
        won.deal_id,
        won.source,
        won.created_date,
        won.closed_date,
        entry.key as entered_key,
        {{ readable_attribute('entry.value', 'date', 'date') }} as entered_date
    from won
    {{ explode_array('won.attributes', 'entry') }}
    where left(entry.key, 8) = 'entered_'

),

entered as (

    select * from dated
    where entered_date between created_date and closed_date

),

left_on as (

    select
        source,
        entered_key,
        created_date,
        coalesce(
            lead(entered_date) over (partition by deal_id order by entered_date, entered_key), closed_date
        ) as left_date
    from entered
    union all
    select source, null as entered_key, created_date, closed_date as left_date from won

),

aged as (

    select
        source,
        entered_key,
        count(*) as won_deals,
        {{ median_of(days_between('created_date', 'left_date')) }} as usual_days
    from left_on
    group by source, entered_key

)

select * from aged
