-- One row per company record and name it goes by, its own or another (an alias, a former name).
with

own_names as (

    select
        record_id,
        true as is_own,
        name_key
    from {{ ref('int_company_records') }}

),

aliases as (

    select
        companies.record_id,
        alias
    from {{ ref('stg_companies') }} as companies
    {{ explode_array('companies.aliases', 'alias') }}

),

other_names as (

    select
        record_id,
        false as is_own,
        {{ name_key('alias') }} as name_key
    from aliases

),

names as (

    select
        record_id,
        name_key,
        bool_or(is_own) as is_own
    from (
        select * from own_names
        union all
        select * from other_names
    ) as all_names
    where name_key is not null
    group by record_id, name_key

),

cores as (

    select
        record_id,
        is_own,
        name_key,
        {{ name_core('name_key', ['structure']) }} as core,
        {{ name_core('name_key', ['structure', 'trade']) }} as trade_core,
        {{ name_core('name_key', ['structure', 'trade', 'field']) }} as field_core
    from names

)

select
    record_id,
    is_own,
    name_key,
    {{ name_sorted('name_key') }} as name_sorted,
    {{ name_squashed('name_key') }} as name_squashed,
    -- What others cut the name to: without weak words at its end, or its first words.
    {{ array_without_nulls(array_of([
        "case when core <> name_key then " ~ name_sorted('core') ~ " end",
        "case when trade_core <> core and trade_core like '% %' then " ~ name_sorted('trade_core') ~ " end",
    ], 'string')) }} as cores,
    {{ name_fronts('name_key') }} as fronts,
    -- One word alone says less.
    case when field_core <> core and field_core not like '% %' then field_core end as one_word_core
from cores
