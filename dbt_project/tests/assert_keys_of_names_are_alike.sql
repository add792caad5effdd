-- Catches: two spellings of one name that the looser keys should bring together, or two names that they should not.
-- Usually means: one of the macros `name_sorted`, `name_squashed`, `name_core` and `name_fronts`, or the seed of weak words, was changed.
-- A returned row is such a pair.
{{ config(tags=['formula']) }}
{%- set pairs = [
    ["sorted", "Lilly (Eli)", "ELI LILLY & Co", true], ["sorted", "SMITH A O CORP", "A. O. Smith", true],
    ["sorted", "Johnson & Johnson", "Johnson", false],
    ["squashed", "WAL MART", "Walmart", true], ["squashed", "Mueller", "Müller", true], ["squashed", "Muller", "Müller", true],
    ["squashed", "AT&T", "ATT", true], ["squashed", "Walmart", "Walmart Chile", false],
    ["core", "Amazon.com, Inc.", "Amazon", true], ["core", "Uno Group Holdings plc", "Uno", true],
    ["core", "Global Uno", "Uno", false], ["core", "Technologies Group", "Group", false],
    ["front", "Capital One", "CAPITAL ONE FINANCIAL CORP", true], ["front", "J.B. Hunt", "HUNT J B TRANSPORT SERVICES INC", true],
    ["front", "Mars", "Mars Acquisition Corp.", false], ["front", "Royal Mail", "Royal Mail plc", false],
] %}
with

pairs as (

    {% for kind, name, other_name, are_alike in pairs -%}
    select
        '{{ kind }}' as kind,
        {{ text_literal(name) }} as name,
        {{ text_literal(other_name) }} as other_name,
        {{ are_alike | lower }} as are_alike
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

keyed as (

    select
        *,
        {{ name_key('name') }} as name_key,
        {{ name_key('other_name') }} as other_key
    from pairs

),

compared as (

    select
        *,
        case kind
            when 'sorted' then {{ name_sorted('name_key') }} = {{ name_sorted('other_key') }}
            when 'squashed' then {{ name_squashed('name_key') }} = {{ name_squashed('other_key') }}
            when 'core' then {{ name_core('name_key') }} = {{ name_core('other_key') }}
            when 'front' then array_contains({{ name_fronts('other_key') }}, {{ name_sorted('name_key') }})
        end as is_alike
    from keyed

)

select * from compared
where coalesce(is_alike, false) <> are_alike
