{#- A name without case, punctuation and legal form, for telling whether two records speak of one firm.
    Null when only legal words are left, so that such a name matches nothing. -#}
{% macro name_key(expression) -%}
    {%- set legal_forms = [
        'incorporated', 'inc', 'corporation', 'corp', 'company', 'co', 'limited', 'ltd', 'llc', 'llp', 'lp', 'plc',
        'gmbh', 'mbh', 'ag', 'kg', 'ug', 'se', 'sas', 'sarl', 'sa', 'srl', 'spa', 'bv', 'nv', 'ab', 'as', 'oy', 'aps',
        'pty', 'pte', 'kk', 'sl', 'slu', 'the', 'group', 'holding', 'holdings',
    ] -%}
    nullif({{ without_words("trim(" ~ words("replace(" ~ expression ~ ", '.', '')") ~ ")", legal_forms) }}, '')
{%- endmacro %}

{#- Sources rank as they stand in sources.yml: the first wins where two contradict. -#}
{% macro source_position(expression) -%}
    {%- if not var("source_order") -%}1{%- else -%}
    case {{ expression }}
    {%- for name in var('source_order') %} when {{ text_literal(name) }} then {{ loop.index }}{% endfor %}
    else {{ (var("source_order") | length) + 1 }} end
    {%- endif -%}
{%- endmacro %}
