-- One row per text that any contact has as title, department or seniority: what the first rules that match it say.
{%- set seniority_rules, department_rules = title_rules('seniority'), title_rules('department') %}
with

contacts as (

    select * from {{ ref('stg_contacts') }}

),

rules as (

    select * from {{ ref('title_rules') }}

),

-- Each is read once, however many people have it: reading takes a hundred comparisons.
texts as (

    select title as said from contacts
    union
    select department as said from contacts
    union
    select seniority as said from contacts

),

worded as (

    select
        said,
        {{ title_words('said') }} as title_words
    from texts
    where said is not null

),

trimmed as (

    select
        said,
        title_words,
        trim(title_words) as bare_words
    from worded

),

matched as (

    select
        said,
        title_words,
        {{ first_title_rule('bare_words', seniority_rules) }} as seniority_rule,
        {{ first_title_rule('bare_words', department_rules) }} as department_rule
    from trimmed

),

read as (

    select
        matched.said,
        matched.title_words,
        seniorities.seniority,
        departments.department,
        coalesce(seniorities.is_held, true) as is_held
    from matched
    left join rules as seniorities on matched.seniority_rule = seniorities.position
    left join rules as departments on matched.department_rule = departments.position

)

select * from read
