-- One row per account: every criterion and disqualifier of the document evaluated in one wide pass.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set criteria = criteria_rows('organisation', 'criterion') %}
{%- set disqualifiers = criteria_rows('organisation', 'disqualifier') %}
{%- set possible = possible_points(criteria) %}
{%- set mentioning = [] %}
{%- for row in criteria + disqualifiers if row.operator == 'mentions' %}{% do mentioning.append(row) %}{% endfor %}
with

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

worded as (

    select
        accounts.*
        {%- for row in mentioning %},
        {{ words(criterion_value(row, 'accounts')) }} as {{ words_column(row) }}
        {%- endfor %}
    from accounts

),

graded as (

    select
        worded.account_id
        {%- for row in criteria %},
        {{ criterion_grade(row, 'worded') }} as grade_{{ row.id }}
        {%- endfor %}
        {%- for row in disqualifiers %},
        {{ criterion_grade(row, 'worded') }} as disqualifier_{{ row.id }}
        {%- endfor %}
    from worded

),

pointed as (

    select
        *
        {%- for row in criteria %},
        {{ points_on_scale('grade_' ~ row.id, row.points, possible) }} as points_{{ row.id }}
        {%- endfor %}
    from graded

),

summed as (

    select
        *,
        {% for row in criteria %}points_{{ row.id }} + {% endfor %}cast(0 as decimal(9, 4)) as total
    from pointed

),

judged as (

    select
        account_id,
        {{ bounded_score('total') }} as organisation_fit_score,
        cast(round(
            ({% for row in criteria if row.points > 0 %}case when grade_{{ row.id }} is not null then {{ number_literal(row.points) }} else 0e0 end + {% endfor %}0e0)
            * 100e0 / {{ number_literal([possible, 1e-9] | max) }}, 2
        ) as decimal(5, 2)) as data_coverage_pct,
        {%- set reasons = [] %}
        {%- set unknown = [] %}
        {%- set met = [] %}
        {%- for row in criteria %}
        {%- do reasons.append(reason('organisation', row.id, 'points_' ~ row.id)) %}
        {%- do unknown.append("case when grade_" ~ row.id ~ " is null then " ~ text_literal(row.id) ~ " end") %}
        {%- endfor %}
        {%- for row in disqualifiers %}
        {%- do met.append("case when disqualifier_" ~ row.id ~ " > 0 then " ~ text_literal(row.id) ~ " end") %}
        {%- endfor %}
        {{ reasons_of('organisation', reasons, 'total') }} as organisation_reasons,
        {{ array_without_nulls(array_of(unknown, 'string')) }} as reasons_unknown,
        {{ array_without_nulls(array_of(met, 'string')) }} as met_disqualifiers
    from summed

)

select * from judged
