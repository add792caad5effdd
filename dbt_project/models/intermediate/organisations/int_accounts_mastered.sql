-- One row per account: of each column the value of the most preferred record that has one, beside its source.
{%- set columns = mastered_columns() | reject('equalto', 'employees') | list %}
with

records as (

    select * from {{ ref('int_records_identified') }}

),

mastered as (

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
    group by account_id

),

sized as (

    select
        account_id,
        {%- for column in columns %}
        {{ column }},
        {{ column }}_source,
        {%- endfor %}
        -- A band stands for its middle, an open one for its lower end.
        coalesce(
            headcount.counted, cast(floor((headcount.low + coalesce(headcount.high, headcount.low)) / 2) as bigint)
        ) as employees,
        headcount.low as employees_low,
        headcount.high as employees_high,
        headcount.source as employees_source,
        company_records,
        is_known_later
    from mastered

)

select * from sized
