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

)

select
    record_id,
    is_own,
    name_key,
    {{ name_sorted('name_key') }} as name_sorted,
    {{ name_squashed('name_key') }} as name_squashed,
    {{ name_core('name_key') }} as name_core
from names
