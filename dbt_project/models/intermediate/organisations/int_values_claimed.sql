-- One row per account, attribute and source that names a value, where the account's sources differ in the attribute.
-- Of each source the most preferred record that names one speaks. Fresh is what was confirmed within a year.
{%- set attributes = compared_attributes() %}
{%- set differing = [] %}
{%- for attribute, value in attributes.items() %}
    {%- if value.text is defined %}
        {%- do differing.append("case when min(" ~ attribute ~ "_hash) <> max(" ~ attribute ~ "_hash) then '" ~ attribute ~ "' end") %}
    {%- else %}
        {%- do differing.append("case when max(" ~ attribute ~ "_low) > min(" ~ attribute ~ "_high) * " ~ tolerated() ~ " then '" ~ attribute ~ "' end") %}
    {%- endif %}
{%- endfor %}
with

-- All records are looked at here alone, so as cheaply as can be: of texts their hashes. Relations that are read twice
-- stand in full in both places, since DuckDB would first write down what a name of theirs stands for.
looks as (

    select
        identified.account_id
        {%- for attribute, value in attributes.items() %},
        {%- if value.text is defined %}
        case when {{ value.text }} is not null then {{ hash_of([value.text]) }} end as {{ attribute }}_hash
        {%- else %}
        {{ value.low }} as {{ attribute }}_low,
        {{ value.high }} as {{ attribute }}_high
        {%- endif %}
        {%- endfor %}
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_records_identified') }} as identified on companies.record_id = identified.record_id
    inner join {{ ref('int_company_records') }} as keyed on identified.record_id = keyed.record_id
    where identified.company_records > 1

),

compared as (

    select
        account_id,
        {{ array_without_nulls(array_of(differing, 'string')) }} as differing
    from looks
    group by account_id

),

contested as (

    select
        compared.account_id,
        attribute
    from compared
    {{ explode_array('compared.differing', 'attribute') }}

),

claims as (

    select
        contested.account_id,
        contested.attribute,
        identified.record_id,
        identified.preference,
        companies.source,
        cast(companies.observed_at as date) as value_date,
        {{ days_between('companies.observed_at', list_week()) }} <= {{ var('stale_after_days') | int }} as is_fresh,
        case contested.attribute
            {%- for attribute, value in attributes.items() %}
            when '{{ attribute }}' then {{ value.said }}
            {%- endfor %}
        end as value,
        case contested.attribute
            {%- for attribute, value in attributes.items() if value.text is defined %}
            when '{{ attribute }}' then {{ value.text }}
            {%- endfor %}
        end as wording,
        {%- for bound in ['low', 'high'] %}
        case contested.attribute
            {%- for attribute, value in attributes.items() if value.text is not defined %}
            when '{{ attribute }}' then {{ value[bound] }}
            {%- endfor %}
        end as {{ bound }}{{ ',' if not loop.last }}
        {%- endfor %}
    from contested
    inner join {{ ref('int_records_identified') }} as identified on contested.account_id = identified.account_id
    inner join {{ ref('stg_companies') }} as companies on identified.record_id = companies.record_id
    inner join {{ ref('int_company_records') }} as keyed on identified.record_id = keyed.record_id

),

spoken as (

    select *
    from claims
    where value is not null
    qualify row_number() over (partition by account_id, attribute, source order by preference) = 1

)

select * from spoken
