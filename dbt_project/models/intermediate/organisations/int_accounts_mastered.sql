-- One row per account: of each column the value of the most preferred record that has one, beside its source and date.
-- A record that the sources' agreement promoted goes before all others in what it was promoted for.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{#- So many records of an account stand side by side, the most preferred first: joined they take a third less time than
    summed up, whose states for each column and account outgrow the memory. Those beyond are few, and summed up. -#}
{%- set places = 4 %}
{%- set columns = mastered_columns() | reject('equalto', 'employees') | list %}
{%- set votable = {} %}
{%- for attribute, along in votable_columns().items() %}
    {%- for column in along %}{% do votable.update({column: attribute}) %}{% endfor %}
{%- endfor %}
{#- What comes out, under which name, and the column of a record that tells whether the record knows of it. -#}
{%- set parts = [] %}
{%- for column in columns %}
    {%- do parts.append((column, column, column, column)) %}
    {%- do parts.append((column ~ '_source', 'source', column, column)) %}
    {%- do parts.append((column ~ '_date', 'observed_date', column, column)) %}
{%- endfor %}
{#- Count and band come from one record: a count from one source beside another's band would contradict it. -#}
{%- for output, part in [
    ('counted', 'employees'), ('low', 'employees_low'), ('high', 'employees_high'),
    ('employees_source', 'source'), ('employees_date', 'observed_date'),
] %}
    {%- do parts.append((output, part, 'headcount', 'employees')) %}
{%- endfor %}
{#- What is taken from a record, and how it says it. -#}
{%- set said = {'observed_date': 'cast(companies.observed_at as date)', 'headcount': 'coalesce(companies.employees, companies.employees_low)'} %}
{%- for part in columns + ['employees', 'employees_low', 'employees_high', 'source'] %}{% do said.update({part: 'companies.' ~ part}) %}{% endfor %}
with

-- Most accounts are one record, which is all there is to choose from.
alone as (

    select
        identified.account_id,
        {%- for output, part, known, column in parts %}
        {{ said[part] if part == known else 'case when ' ~ said[known] ~ ' is not null then ' ~ said[part] ~ ' end' }} as {{ output }},
        {%- endfor %}
        identified.company_records,
        companies.is_known_later
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_records_identified') }} as identified on companies.record_id = identified.record_id
    where identified.company_records = 1

),

several as (

    select
        identified.account_id,
        identified.record_id,
        identified.preference,
        identified.company_records,
        {%- for part, expression in said.items() %}
        {{ expression }} as {{ part }},
        {%- endfor %}
        companies.is_known_later
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_records_identified') }} as identified on companies.record_id = identified.record_id
    where identified.company_records > 1

),

{%- for place in range(1, places + 1) %}

record_{{ place }} as (

    select * from several
    where preference = {{ place }}

),
{%- endfor %}

further as (

    select
        account_id,
        {%- for output, part, known, column in parts %}
        min_by({{ part }}, preference) filter (where {{ known }} is not null) as {{ output }},
        {%- endfor %}
        bool_or(is_known_later) as is_known_later
    from several
    where preference > {{ places }}
    group by account_id

),

promoted as (

    select
        several.account_id
        {%- for output, part, known, column in parts if column in votable %},
        max(case
            when {{ array_contains('promotions.attributes', votable[column]) }} and several.{{ known }} is not null
                then several.{{ part }}
        end) as {{ output }}
        {%- endfor %}
    from several
    inner join {{ ref('int_records_promoted') }} as promotions on several.record_id = promotions.record_id
    group by several.account_id

),

chosen as (

    select
        record_1.account_id,
        {%- for output, part, known, column in parts %}
        case
            {%- if column in votable %}
            when promoted.{{ column }}_source is not null then promoted.{{ output }}
            {%- endif %}
            {%- for place in range(1, places + 1) %}
            when record_{{ place }}.{{ known }} is not null then record_{{ place }}.{{ part }}
            {%- endfor %}
            else further.{{ output }}
        end as {{ output }},
        {%- endfor %}
        record_1.company_records,
        {%- for place in range(2, places + 1) %}
        coalesce(record_{{ place }}.is_known_later, false) or
        {%- endfor %}
        coalesce(further.is_known_later, false) or record_1.is_known_later as is_known_later
    from record_1
    {%- for place in range(2, places + 1) %}
    left join record_{{ place }} on record_1.account_id = record_{{ place }}.account_id
    {%- endfor %}
    left join further on record_1.account_id = further.account_id
    left join promoted on record_1.account_id = promoted.account_id

),

together as (

    select * from alone
    union all
    select * from chosen

),

sized as (

    select
        account_id,
        {%- for column in columns %}
        {{ column }},
        {{ column }}_source,
        {{ column }}_date,
        {%- endfor %}
        -- A band stands for its middle, an open one for its lower end.
        coalesce(counted, cast(floor((low + coalesce(high, low)) / 2) as bigint)) as employees,
        low as employees_low,
        high as employees_high,
        employees_source,
        employees_date,
        company_records,
        is_known_later
    from together

)

select * from sized
