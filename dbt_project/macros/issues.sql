{#- The parts of the issue-urgency formula; what each row of evidence looks for is compiled here. -#}

{% macro evidence_name(issue, number) -%}
    {{ return('evidence_' ~ issue.id ~ '_' ~ number) }}
{%- endmacro %}

{% macro evidence_matches(evidence) -%}
    {%- set tests = ["kind = " ~ text_literal(evidence.kind)] -%}
    {%- set descriptions = [] -%}
    {%- if evidence.topics -%}
        {%- set topics = [] -%}{%- for topic in evidence.topics -%}{%- do topics.append(text_literal(topic | lower)) -%}{%- endfor -%}
        {%- do descriptions.append("coalesce(topic, '') in (" ~ (topics | join(', ')) ~ ")") -%}
    {%- endif -%}
    {%- if evidence.words -%}
        {%- do descriptions.append(mentions_any("coalesce(signal_words, '')", evidence.words)) -%}
    {%- endif -%}
    {%- if descriptions -%}{%- do tests.append("(" ~ (descriptions | join(" or ")) ~ ")") -%}{%- endif -%}
    {{ return(tests | join(" and ")) }}
{%- endmacro %}

{#- Decimal before it is summed, so that the sum does not depend on the order of the rows. -#}
{% macro decayed_weight(evidence) -%}
    cast({{ number_literal(evidence.weight) }} * strength * power(0.5e0, age_days / {{ number_literal(evidence.half_life_days) }}) as decimal(28, 9))
{%- endmacro %}

{#- Twelve digits that sort the strongest evidence first, to be followed by the id that breaks ties; the leading 1 keeps
    them twelve. -#}
{% macro strongest_first(total) -%}
    {{ return("cast(cast(199999999999e0 - round(least(cast(" ~ total ~ " as double), 99e0) * 1e9) as bigint) as string)") }}
{%- endmacro %}

{#- A surge counts only while the last weeks beat the account's own baseline by the ratio. -#}
{% macro evidence_sum(issue, evidence, number) -%}
    {%- set name = evidence_name(issue, number) -%}
    {%- if not evidence.surge -%}{{ return("coalesce(" ~ name ~ "_sum, 0)") }}{%- endif -%}
    {%- set recent_rate = name ~ "_recent / " ~ number_literal(evidence.surge.weeks) -%}
    {%- set usual_rate = "greatest(" ~ name ~ "_before, 1) / " ~ number_literal(evidence.surge.baseline_weeks) -%}
    {{ return("case when " ~ recent_rate ~ " >= " ~ number_literal(evidence.surge.ratio) ~ " * " ~ usual_rate ~ " then coalesce(" ~ name ~ "_sum, 0) else 0 end") }}
{%- endmacro %}

{#- The strongest signal of an issue among the evidence that counts; a surge that is none counts nothing. -#}
{% macro strongest_counted(issue) -%}
    {%- set signals = ["cast(null as string)"] -%}
    {%- for evidence in issue.evidence -%}
        {%- do signals.append("case when " ~ evidence_sum(issue, evidence, loop.index) ~ " > 0 then " ~ evidence_name(issue, loop.index) ~ "_signal end") -%}
    {%- endfor -%}
    {{ return("least(" ~ (signals | join(', ')) ~ ")") }}
{%- endmacro %}

{% macro heat_of(issue) -%}
    {%- set sums = [] -%}
    {%- set kinds = {} -%}
    {%- for evidence in issue.evidence -%}
        {%- set part = evidence_sum(issue, evidence, loop.index) -%}
        {%- do sums.append(part) -%}
        {%- do kinds.update({evidence.kind: kinds.get(evidence.kind, []) + [part ~ " > 0"]}) -%}
    {%- endfor -%}
    {%- set seen = [] -%}
    {%- for kind, tests in kinds.items() -%}{%- do seen.append("case when " ~ (tests | join(" or ")) ~ " then 1 else 0 end") -%}{%- endfor -%}
    least(1e0, cast({{ sums | join(" + ") }} as double)) * least(1e0, ({{ seen | join(" + ") }}) / {{ number_literal(issue.kinds_needed) }})
{%- endmacro %}

{#- CTEs that end with `heated`, over a CTE `signals`: the heat of every issue, and its strongest signal, for each key. -#}
{% macro heated_issues(key) -%}
{%- set issues = criteria_rows('issue', 'issue') -%}
matched as (

    select
        {{ key }},
        signal_id,
        age_days,
        is_dated,
        is_known_later
        {%- for issue in issues %}{% for evidence in issue.evidence %},
        case when {{ evidence_matches(evidence) }} then {{ decayed_weight(evidence) }} end as {{ evidence_name(issue, loop.index) }}
        {%- endfor %}{% endfor %}
    from signals

),

-- Most signals speak of no issue.
telling as (

    select * from matched
    where {% for issue in issues %}{% for evidence in issue.evidence %}{{ evidence_name(issue, loop.index) }} is not null or {% endfor %}{% endfor %}false

),

summed as (

    select
        {{ key }},
        bool_or(is_known_later) as is_known_later
        {%- for issue in issues %}{% for evidence in issue.evidence %}
        {%- set name = evidence_name(issue, loop.index) %},
        sum({{ name }}) as {{ name }}_sum,
        min(case when {{ name }} > 0 then {{ strongest_first(name) }} || signal_id end) as {{ name }}_signal
        {%- if evidence.surge %},
        count({{ name }}) filter (where is_dated and age_days < {{ evidence.surge.weeks * 7 }}) as {{ name }}_recent,
        count({{ name }}) filter (where is_dated and age_days >= {{ evidence.surge.weeks * 7 }} and age_days < {{ (evidence.surge.weeks + evidence.surge.baseline_weeks) * 7 }}) as {{ name }}_before
        {%- endif %}
        {%- endfor %}{% endfor %}
    from telling
    group by {{ key }}

),

heated as (

    select
        {{ key }},
        is_known_later
        {%- for issue in issues %},
        {{ heat_of(issue) }} as heat_{{ issue.id }},
        substr({{ strongest_counted(issue) }}, 13) as signal_{{ issue.id }}
        {%- endfor %}
    from summed

)
{%- endmacro %}
