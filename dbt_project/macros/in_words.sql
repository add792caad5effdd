{#- How rows of the document and the values they met read to a person. -#}

{% macro plain_number(value) -%}
    {%- set number = value | float -%}
    {{ return((number | int) | string if number | abs < 1e15 and number == (number | int) else number | string) }}
{%- endmacro %}

{% macro operand_in_words(row) -%}
    {%- set operand = row.get('operand') or {} -%}
    {%- if row.kind == 'role' -%}
        {%- set parts = [] -%}
        {%- if row.titles -%}{%- do parts.append(row.titles | join(', ')) -%}{%- endif -%}
        {%- if row.departments or row.seniorities -%}{%- do parts.append(((row.seniorities or []) | join('/')) ~ ' in ' ~ ((row.departments or ['any department']) | join('/'))) -%}{%- endif -%}
        {{ return(parts | join('; or ')) }}
    {%- elif row.kind == 'issue' -%}
        {%- set parts = [] -%}
        {%- for evidence in row.evidence -%}{%- do parts.append((evidence.kind | replace('_', ' ')) ~ ((': ' ~ (((evidence.topics or []) + (evidence.words or [])) | join(', '))) if (evidence.topics or evidence.words) else '')) -%}{%- endfor -%}
        {{ return(parts | join('; ')) }}
    {%- elif row.operator == 'is' -%}{{ return(operand.value | string | lower if row.attribute_type == 'boolean' else operand.value | string) }}
    {%- elif row.operator == 'in' -%}{{ return('one of ' ~ (operand['values'] | join(', '))) }}
    {%- elif row.operator == 'not_in' -%}{{ return('none of ' ~ (operand['values'] | join(', '))) }}
    {%- elif row.operator == 'between' -%}{{ return('between ' ~ plain_number(operand.low) ~ ' and ' ~ plain_number(operand.high)) }}
    {%- elif row.operator == 'at_least' -%}{{ return('at least ' ~ plain_number(operand.value)) }}
    {%- elif row.operator == 'at_most' -%}{{ return('at most ' ~ plain_number(operand.value)) }}
    {%- elif row.operator == 'near' -%}{{ return('near ' ~ plain_number(operand.centre) ~ ' (within ' ~ plain_number(operand.half_width) ~ ')') }}
    {%- elif row.operator == 'mentions' -%}{{ return('mentions ' ~ (operand.words | join(', '))) }}
    {%- elif row.operator == 'within_days' -%}{{ return('within ' ~ plain_number(operand.days) ~ ' days') }}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}

{#- In these three a branch for null is never taken: a case needs one, also where no row gives any. -#}
{#- "employees: 820; wanted between 200 and 5000", for whichever criterion or disqualifier the id names. -#}
{% macro organisation_evidence(reason_id, rows, relation) -%}
    case {{ reason_id }}
        when null then null
    {%- for row in rows %}
        {%- set wanted = '; out when ' if row.kind == 'disqualifier' else '; not wanted: ' if row.points < 0 else '; wanted ' %}
        when {{ text_literal(row.id) }} then
        {%- if row.attribute == 'posting_words' %}
            {{ text_literal('postings of the last 180 days mention one of ' ~ ((row.operand.words or []) | join(', '))) }}
        {%- else %}
            {{ text_literal(row.attribute | replace('attributes.', '') | replace('_', ' ')) }} || ': '
            || coalesce({{ attribute_in_words(row, relation) }}, 'unknown') || {{ text_literal(wanted ~ operand_in_words(row)) }}
        {%- endif %}
    {%- endfor %}
        else null
    end
{%- endmacro %}

{% macro attribute_in_words(row, relation) -%}
    {%- set key = attribute_key(row) -%}
    {%- if key is not none -%}
        {{ return(map_value(relation ~ ".attributes", text_literal(key))) }}
    {%- endif -%}
    {%- if row.attribute == 'employees' -%}
        {#- The middle of a band is no count, and says so. -#}
        {{ return("case when " ~ relation ~ ".employees_low is null then cast(" ~ relation ~ ".employees as string) else 'about ' || cast(" ~ relation ~ ".employees as string) || ' (' || cast(" ~ relation ~ ".employees_low as string) || coalesce(' to ' || cast(" ~ relation ~ ".employees_high as string), ' or more') || ')' end") }}
    {%- endif -%}
    {%- if row.attribute_type == 'number' -%}
        {{ return(replace_pattern("cast(round(" ~ relation ~ "." ~ row.attribute ~ ", 2) as string)", "[.]0+$", "")) }}
    {%- endif -%}
    {{ return("cast(" ~ relation ~ "." ~ row.attribute ~ " as string)") }}
{%- endmacro %}

{#- A score under a minimum as it reads everywhere, or to two places where one would read as the minimum itself. -#}
{% macro score_under(score, minimum) -%}
    case
        when cast({{ score }} as decimal(9, 1)) < {{ number_literal(minimum) }} then cast(cast({{ score }} as decimal(9, 1)) as string)
        else cast(cast({{ score }} as decimal(9, 2)) as string)
    end
{%- endmacro %}

{#- Where the value came from that a criterion looked at: a source, or the table it was derived from. -#}
{% macro organisation_evidence_source(reason_id, rows, relation, mastered) -%}
    {%- set derived_from = {
        'deals': ['past_deals', 'past_deal_days', 'last_deal_closed_date'],
        'company_relationships': ['subsidiaries', 'subsidiaries_added_24_months', 'depth_under_parent', 'has_parent'],
        'companies': ['sites', 'is_listed', 'is_regulated'],
    } -%}
    case {{ reason_id }}
        when null then null
    {%- for row in rows %}
        {%- set key = attribute_key(row) %}
        when {{ text_literal(row.id) }} then
        {%- if row.attribute in mastered %} {{ relation }}.{{ row.attribute }}_source
        {%- elif key is not none %} {{ map_value(relation ~ '.attribute_sources', text_literal(key)) }}
        {%- else %}
            {%- set tables = namespace(name='signals') %}
            {%- for table, attributes in derived_from.items() if row.attribute in attributes %}{% set tables.name = table %}{% endfor %} {{ text_literal('derived from ' ~ tables.name) }}
        {%- endif %}
    {%- endfor %}
        else null
    end
{%- endmacro %}

{% macro organisation_evidence_date(reason_id, rows, relation) -%}
    case {{ reason_id }}
        when null then cast(null as date)
    {%- for row in rows if row.attribute_type == 'date' and '.' not in row.attribute %}
        when {{ text_literal(row.id) }} then {{ relation }}.{{ row.attribute }}
    {%- endfor %}
        else cast(null as date)
    end
{%- endmacro %}

{% macro mastered_columns() -%}
    {{ return(['name', 'domain', 'website', 'country', 'region', 'city', 'phone', 'industry', 'industry_code', 'employees', 'revenue_usd', 'founded_year', 'ownership', 'legal_form', 'status', 'lei', 'cik']) }}
{%- endmacro %}
