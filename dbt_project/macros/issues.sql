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

{#- Twelve digits that sort the strongest evidence first, to be followed by the id that breaks ties. -#}
{% macro strongest_first(total) -%}
    {{ return("lpad(cast(cast(99999999999 - round(least(" ~ total ~ ", 99) * 1000000000) as bigint) as string), 12, '0')") }}
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
