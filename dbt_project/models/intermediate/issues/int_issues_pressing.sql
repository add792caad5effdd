-- One row per account with evidence of an issue: issue urgency and the reasons that add up to it.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set issues = criteria_rows('issue', 'issue') %}
with

heated as (

    select * from {{ ref('int_issues_heated') }}

),

pointed as (

    select
        *
        {%- for issue in issues %},
        cast(round({{ number_literal(issue.points) }} * heat_{{ issue.id }}, 4) as decimal(9, 4)) as points_{{ issue.id }}
        {%- endfor %}
    from heated

),

summed as (

    select
        *,
        {% for issue in issues %}points_{{ issue.id }} + {% endfor %}cast(0 as decimal(9, 4)) as total
    from pointed

),

pressing as (

    select
        account_id,
        {{ bounded_score('total') }} as issue_urgency_score,
        {%- set reasons = [] %}
        {%- for issue in issues %}
        {%- do reasons.append(reason('issue', issue.id, 'points_' ~ issue.id, 'signal_' ~ issue.id)) %}
        {%- endfor %}
        {{ reasons_of('issue', reasons, 'total') }} as issue_reasons,
        is_known_later
    from summed

)

select * from pressing
