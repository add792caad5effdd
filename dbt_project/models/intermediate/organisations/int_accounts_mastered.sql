-- One row per account: of each column the value of the most preferred record that has one, beside its source.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set columns = mastered_columns() | reject('equalto', 'employees') | list %}
with

records as (

    select
        identified.account_id,
        identified.preference,
        identified.company_records,
        companies.*
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_records_identified') }} as identified on companies.record_id = identified.record_id

),

-- Most accounts are one record, which is all there is to choose from.
alone as (

    select
        account_id,
        {%- for column in columns %}
        {{ column }},
        case when {{ column }} is not null then source end as {{ column }}_source,
        {%- endfor %}
        employees as counted,
        employees_low as low,
        case when coalesce(employees, employees_low) is not null then employees_high end as high,
        case when coalesce(employees, employees_low) is not null then source end as employees_source,
        company_records,
        is_known_later
    from records
    where company_records = 1

),

chosen as (

    select
        account_id,
        {%- for column in columns %}
        min_by({{ column }}, preference) filter (where {{ column }} is not null) as {{ column }},
        min_by(source, preference) filter (where {{ column }} is not null) as {{ column }}_source,
        {%- endfor %}
        -- Count and band come from one record: a count from one source beside another's band would contradict it.
        min_by({{ struct_of({'counted': 'employees', 'low': 'employees_low', 'high': 'employees_high', 'source': 'source'}) }}, preference)
            filter (where coalesce(employees, employees_low) is not null) as headcount,
        count(*) as company_records,
        bool_or(is_known_later) as is_known_later
    from records
    where company_records > 1
    group by account_id

),

together as (

    select * from alone
    union all
    select
        account_id,
        {%- for column in columns %}
        {{ column }},
        {{ column }}_source,
        {%- endfor %}
        headcount.counted as counted,
        headcount.low as low,
        headcount.high as high,
        headcount.source as employees_source,
        company_records,
        is_known_later
    from chosen

),

sized as (

    select
        account_id,
        {%- for column in columns %}
        {{ column }},
        {{ column }}_source,
        {%- endfor %}
        -- A band stands for its middle, an open one for its lower end.
        coalesce(counted, cast(floor((low + coalesce(high, low)) / 2) as bigint)) as employees,
        low as employees_low,
        high as employees_high,
        employees_source,
        company_records,
        is_known_later
    from together

)

select * from sized
