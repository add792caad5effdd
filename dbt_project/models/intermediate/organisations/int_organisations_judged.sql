-- One row per account: every criterion and disqualifier of the document evaluated in one wide pass.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set criteria = criteria_rows('organisation', 'criterion') %}
{%- set disqualifiers = criteria_rows('organisation', 'disqualifier') %}
{%- set possible = possible_points(criteria) %}
with

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

{{ graded_on(criteria + disqualifiers, 'accounts', ['account_id'], list_week()) }},

pointed as (

    select
        *
        {%- for row in criteria %},
        {{ points_on_scale(grade_column(row), row.points, possible) }} as points_{{ row.id }}
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
            ({% for row in criteria if row.points > 0 %}case when {{ grade_column(row) }} is not null then {{ number_literal(row.points) }} else 0e0 end + {% endfor %}0e0)
            * 100e0 / {{ number_literal([possible, 1e-9] | max) }}, 2
        ) as decimal(5, 2)) as data_coverage_pct,
        {%- set reasons = [] %}
        {%- set unknown = [] %}
        {%- set met = [] %}
        {%- for row in criteria %}
        {%- do reasons.append(reason('organisation', row.id, 'points_' ~ row.id)) %}
        {%- endfor %}
        {%- for row in criteria + disqualifiers %}
        {%- do unknown.append("case when " ~ grade_column(row) ~ " is null then " ~ text_literal(row.id) ~ " end") %}
        {%- endfor %}
        {%- for row in disqualifiers %}
        {%- do met.append("case when " ~ grade_column(row) ~ " > 0 then " ~ text_literal(row.id) ~ " end") %}
        {%- endfor %}
        {{ reasons_of('organisation', reasons, 'total') }} as organisation_reasons,
        {{ array_without_nulls(array_of(unknown, 'string')) }} as reasons_unknown,
        {{ array_without_nulls(array_of(met, 'string')) }} as met_disqualifiers
    from summed

)

select * from judged
