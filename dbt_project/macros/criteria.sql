{#- The one place where rows of the perfect-customer document become SQL.
    It reads only the var `criteria`, so that a unit test chooses its own. -#}

{% macro criteria_rows(leg, kind) -%}
    {%- set rows = [] -%}
    {%- for row in var('criteria') -%}
        {%- if row.leg == leg and row.kind == kind -%}{%- do rows.append(row) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}

{#- All the points that the rows can earn; negative points only subtract. -#}
{% macro possible_points(rows) -%}
    {%- set ns = namespace(total=0.0) -%}
    {%- for row in rows if row.points > 0 -%}{%- set ns.total = ns.total + (row.points | float) -%}{%- endfor -%}
    {{ return(ns.total) }}
{%- endmacro %}

{#- The value a criterion looks at, as the type its operator needs; what can't be cast is null: unknown. -#}
{% macro criterion_value(row, relation) -%}
    {%- set types = {'number': 'double', 'date': 'date', 'boolean': 'boolean', 'text': dbt.type_string(), 'words': dbt.type_string()} -%}
    {%- if row.attribute_type not in types -%}
        {{ exceptions.raise_compiler_error("criterion " ~ row.id ~ ": unknown attribute type " ~ row.attribute_type) }}
    {%- endif -%}
    {%- set key = attribute_key(row) -%}
    {%- if key is not none -%}
        {{ return(readable_attribute(map_value(relation ~ ".attributes", text_literal(key)), row.attribute_type, types[row.attribute_type])) }}
    {%- endif -%}
    {%- if not modules.re.fullmatch('[a-z][a-z0-9_]*', row.attribute) -%}
        {{ exceptions.raise_compiler_error("criterion " ~ row.id ~ ": " ~ row.attribute ~ " is no attribute name") }}
    {%- endif -%}
    {{ return("cast(" ~ relation ~ "." ~ row.attribute ~ " as " ~ types[row.attribute_type] ~ ")") }}
{%- endmacro %}

{#- What a source wrote, as a value; NaN and infinities are no numbers, and compare greater than any. -#}
{% macro readable_attribute(text, attribute_type, sql_type) -%}
    {%- set cast = "try_cast(" ~ text ~ " as " ~ sql_type ~ ")" -%}
    {{ return("case when abs(" ~ cast ~ ") <= 1e300 then " ~ cast ~ " end" if attribute_type == 'number' else cast) }}
{%- endmacro %}

{#- The key of the map `attributes` that a criterion looks at; none for a column. -#}
{% macro attribute_key(row) -%}
    {%- if '.' not in row.attribute -%}{{ return(none) }}{%- endif -%}
    {{ return(row.attribute[11:] if row.attribute.startswith('attributes.') else row.attribute) }}
{%- endmacro %}

{#- The column that holds the words of the text which a criterion looks for mentions in. -#}
{% macro words_column(row) -%}
    {{ return('words_of_' ~ row.kind ~ '_' ~ row.id) }}
{%- endmacro %}

{#- How far a criterion is met on a day: 1 met, 0 not met, between for graded operators, null unknown. -#}
{% macro criterion_grade(row, relation, day) -%}
    {%- set value = criterion_value(row, relation) -%}
    {%- set operand = row.operand -%}
    {%- if row.operator in ('is', 'in', 'not_in') -%}
        {%- set values = [operand.value] if row.operator == 'is' else operand['values'] -%}
        {%- if row.attribute_type == 'boolean' -%}
            {%- set test = value ~ " = " ~ ('true' if operand.value else 'false') -%}
        {%- elif row.attribute_type == 'number' -%}
            {%- set numbers = [] -%}{%- for v in values -%}{%- do numbers.append(number_literal(v)) -%}{%- endfor -%}
            {%- set test = value ~ " in (" ~ (numbers | join(', ')) ~ ")" -%}
        {%- else -%}
            {%- set texts = [] -%}{%- for v in values -%}{%- do texts.append("lower(" ~ text_literal(v) ~ ")") -%}{%- endfor -%}
            {%- set test = "lower(" ~ value ~ ") in (" ~ (texts | join(', ')) ~ ")" -%}
        {%- endif -%}
        {%- if row.operator == 'not_in' -%}{%- set test = "not (" ~ test ~ ")" -%}{%- endif -%}
    {%- elif row.operator == 'between' -%}
        {%- set test = value ~ " between " ~ number_literal(operand.low) ~ " and " ~ number_literal(operand.high) -%}
    {%- elif row.operator == 'at_least' -%}
        {%- set test = value ~ " >= " ~ number_literal(operand.value) -%}
    {%- elif row.operator == 'at_most' -%}
        {%- set test = value ~ " <= " ~ number_literal(operand.value) -%}
    {%- elif row.operator == 'mentions' -%}
        {%- set said = relation ~ "." ~ words_column(row) -%}
        {{ return("case when " ~ said ~ " is not null then case when " ~ mentions_any(said, operand.words) ~ " then 1e0 else 0e0 end end") }}
    {%- elif row.operator == 'near' -%}
        {{ return("greatest(0e0, 1e0 - abs(" ~ value ~ " - " ~ number_literal(operand.centre) ~ ") / " ~ number_literal(operand.half_width) ~ ") + 0e0 * " ~ value) }}
    {%- elif row.operator == 'within_days' -%}
        {%- set age = days_between(value, day) -%}
        {%- set inside = "power(0.5e0, " ~ age ~ " / " ~ number_literal(operand.half_life_days) ~ ")" if operand.half_life_days else "1e0" -%}
        {{ return("case when " ~ value ~ " is null then null when " ~ age ~ " between 0 and " ~ (operand.days | int) ~ " then " ~ inside ~ " else 0e0 end") }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("criterion " ~ row.id ~ ": unknown operator " ~ row.operator) }}
    {%- endif -%}
    {{ return("case when " ~ test ~ " then 1e0 when not (" ~ test ~ ") then 0e0 end") }}
{%- endmacro %}

{#- CTEs that end with `graded`: the columns `kept` of a CTE of facts, and on a day a grade for each row. -#}
{% macro graded_on(rows, facts, kept, day) -%}
worded as (

    select
        {{ facts }}.*
        {%- for row in rows if row.operator == 'mentions' %},
        {{ words(criterion_value(row, facts)) }} as {{ words_column(row) }}
        {%- endfor %}
    from {{ facts }}

),

graded as (

    select
        {% for column in kept %}worded.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        {%- for row in rows %},
        {{ criterion_grade(row, 'worded', day) }} as {{ grade_column(row) }}
        {%- endfor %}
    from worded

)
{%- endmacro %}

{#- The column that holds how far a row of the document is met. -#}
{% macro grade_column(row) -%}
    {{ return(row.kind ~ '_' ~ row.id) }}
{%- endmacro %}

{#- The points a grade earns on the leg's 0-100 scale, rounded before they are ever summed. -#}
{% macro points_on_scale(grade, points, possible) -%}
    {#- Without any positive points nothing can be earned, and nothing is lost. -#}
    cast(round({{ number_literal(100.0 * (points | float) / possible if possible > 0 else 0) }} * coalesce({{ grade }}, 0e0), 4) as decimal(9, 4))
{%- endmacro %}

{#- What a score must be to count as having reached a threshold: what equals it to two places does, since points were
    rounded one by one before they were added (expectations/terms.py says the same). -#}
{% macro reached_from(threshold) -%}
    {{ return(number_literal((threshold | float) - 0.005)) }}
{%- endmacro %}

{#- Reasons are structs of these fields; points are never 0 and add up exactly to the leg's score. -#}
{% macro reason_fields() -%}
    {{ return({'leg': 'string', 'reason_id': 'string', 'points': 'decimal(9, 4)', 'evidence_id': 'string'}) }}
{%- endmacro %}

{% macro reason(leg, reason_id, points, evidence_id="cast(null as string)") -%}
    {{ struct_of({
        'leg': "cast('" ~ leg ~ "' as string)",
        'reason_id': "cast(" ~ text_literal(reason_id) ~ " as string)",
        'points': points,
        'evidence_id': evidence_id,
    }) }}
{%- endmacro %}

{#- The reasons of one leg, with the cap at 100 and the floor at 0 as reasons of their own. -#}
{% macro reasons_of(leg, reasons, total) -%}
    {%- set bounded = reasons + [
        reason(leg, 'cap_at_100', "cast(least(0, 100 - " ~ total ~ ") as decimal(9, 4))"),
        reason(leg, 'floor_at_0', "cast(greatest(0, 0 - " ~ total ~ ") as decimal(9, 4))"),
    ] -%}
    {{ array_filter(array_of(bounded, struct_type(reason_fields())), 'item.points <> 0') }}
{%- endmacro %}

{% macro bounded_score(total) -%}
    cast(greatest(0, least(100, {{ total }})) as decimal(9, 4))
{%- endmacro %}
