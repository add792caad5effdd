-- Catches: a legal form that stays in a key, or a name of a legal form alone that has one.
-- Usually means: a form is spelled in the seed in a way that `name_words` does not keep.
-- A returned row is a form with the key of a name that has it.
with

forms as (

    select * from {{ ref('legal_forms') }}

),

names as (

    select
        form,
        'Acme Sample ' || form as name,
        'acme sample' as expected_key
    from forms
    where position in ('suffix', 'both')
    union all
    select
        form,
        'ACME SAMPLE, ' || upper(form) as name,
        'acme sample' as expected_key
    from forms
    where position in ('suffix', 'both')
    union all
    select
        form,
        form || ' Acme Sample' as name,
        'acme sample' as expected_key
    from forms
    where position in ('prefix', 'both')
    union all
    select
        form,
        form as name,
        cast(null as {{ dbt.type_string() }}) as expected_key
    from forms

),

keyed as (

    select
        form,
        name,
        {{ name_key('name') }} as name_key,
        expected_key
    from names

)

select * from keyed
where name_key is distinct from expected_key
