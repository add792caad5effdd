-- Catches: a legal form that stays in a key, or a name of a legal form alone that has one.
-- Usually means: a form is spelled in the seed in a way that `name_words` does not keep.
-- A returned row is such a name with the key it has and the key it should have.
{{ config(tags=['formula']) }}
with

forms as (

    select
        form,
        position
    from {{ ref('legal_forms') }}
    union all
    select
        upper(form) as form,
        position
    from {{ ref('legal_forms') }}

),

names as (

    select
        'Acme Sample ' || form as name,
        'acme sample' as expected_key
    from forms
    where position in ('suffix', 'both')
    union all
    select
        form || ' Acme Sample' as name,
        'acme sample' as expected_key
    from forms
    where position in ('prefix', 'both')
    union all
    select
        form as name,
        cast(null as {{ dbt.type_string() }}) as expected_key
    from forms

),

keyed as (

    select
        name,
        {{ name_key('name') }} as name_key,
        expected_key
    from names

)

select * from keyed
where name_key is distinct from expected_key
