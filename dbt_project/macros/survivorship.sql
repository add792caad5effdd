{#- The attributes in which sources can contradict each other, each with what a record says of it in words, and the
    text or the range by which two records are compared. What sources word each in its own way, such as an industry, a
    city or a legal form, is not here: two wordings don't contradict. `companies` and `keyed` are the joined relations. -#}
{% macro compared_attributes() -%}
    {{ return({
        'name': {'said': 'companies.name', 'text': 'keyed.name_key'},
        'domain': {'said': 'companies.domain', 'text': 'companies.domain'},
        'country': {'said': 'companies.country', 'text': 'companies.country'},
        'status': {'said': 'companies.status', 'text': 'lower(trim(companies.status))'},
        'lei': {'said': 'companies.lei', 'text': 'companies.lei'},
        'cik': {'said': 'companies.cik', 'text': 'companies.cik'},
        'founded_year': {'said': 'cast(companies.founded_year as string)', 'text': 'cast(companies.founded_year as string)'},
        'employees': {
            'said': "coalesce(cast(companies.employees as string), cast(companies.employees_low as string)"
                ~ " || coalesce(' to ' || cast(companies.employees_high as string), ' or more'))",
            'low': 'cast(coalesce(companies.employees, companies.employees_low) as double)',
            'high': 'cast(coalesce(companies.employees, companies.employees_high, companies.employees_low * 1e9) as double)',
        },
        'revenue_usd': {
            'said': 'cast(cast(companies.revenue_usd as decimal(38, 0)) as string)',
            'low': 'companies.revenue_usd',
            'high': 'companies.revenue_usd',
        },
    }) }}
{%- endmacro %}

{#- The attributes that the sources' agreement may take from the most trusted one, each with the columns that go along.
    Names, domains and identifiers are not among them: by those the CRM finds its own record again. -#}
{% macro votable_columns() -%}
    {{ return({
        'country': ['country', 'region', 'city'],
        'status': ['status'],
        'founded_year': ['founded_year'],
        'employees': ['employees'],
        'revenue_usd': ['revenue_usd'],
    }) }}
{%- endmacro %}

{#- Whether two claims of one attribute contradict each other: numbers by more than a tolerance, texts unless one of
    them is how the other begins, as a brand begins the name of the firm. -#}
{% macro contradicts(one, other) -%}
    coalesce(
        {{ begins_differently(one, other) }}
        or {{ one }}.low > {{ other }}.high * {{ tolerated() }}
        or {{ other }}.low > {{ one }}.high * {{ tolerated() }},
        false
    )
{%- endmacro %}

{% macro begins_differently(one, other) -%}
    position({{ one }}.wording || ' ' in {{ other }}.wording || ' ') <> 1
        and position({{ other }}.wording || ' ' in {{ one }}.wording || ' ') <> 1
{%- endmacro %}

{% macro tolerated() -%}
    {{ number_literal(1 + var('most_difference_pct') / 100) }}
{%- endmacro %}
