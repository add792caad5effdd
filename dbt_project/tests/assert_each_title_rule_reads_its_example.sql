-- Catches: a rule that never comes to its turn, and an example that reads otherwise than it says.
-- Usually means: a rule before it takes its titles; move it up, or narrow the other.
-- A returned row is a rule with what is read of its example.
{{ config(tags=['formula']) }}
{%- set seniority_rules, department_rules = title_rules('seniority'), title_rules('department') %}
with

rules as (

    select * from {{ ref('title_rules') }}

),

worded as (

    select
        *,
        trim({{ title_words('example') }}) as title_words
    from rules

),

matched as (

    select
        *,
        {{ first_title_rule('title_words', seniority_rules) }} as seniority_rule,
        {{ first_title_rule('title_words', department_rules) }} as department_rule
    from worded

),

read as (

    select
        matched.*,
        seniorities.seniority as read_seniority,
        departments.department as read_department
    from matched
    left join rules as seniorities on matched.seniority_rule = seniorities.position
    left join rules as departments on matched.department_rule = departments.position

)

select
    position,
    example,
    seniority_rule,
    department_rule,
    read_seniority,
    read_department
from read
where
    position is distinct from case when seniority is null then department_rule else seniority_rule end
    or read_seniority is distinct from example_seniority
    or read_department is distinct from example_department
    or (seniority is null) = (department is null)
