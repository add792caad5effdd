{#- Text as padded words (" vice president finance "), so that a phrase is found by position and never inside a word.
    `+` and `#` stay, since they are parts of names (C++, C#). -#}
{% macro words(expression) -%}
    {%- set punctuation = ",;:/|()[]{}<>!?*&%$=~^_.-" ~ '"`' -%}
    (' ' || trim({{ replace_pattern("translate(replace(lower(coalesce(" ~ expression ~ ", '')), '''', ' '), '" ~ punctuation ~ "', '" ~ ' ' * (punctuation | length) ~ "')", " +", " ") }}) || ' ')
{%- endmacro %}

{#- True when any of the phrases stands in the padded words; a phrase of punctuation alone matches nothing. -#}
{% macro mentions_any(padded_words, phrases, normalise=none) -%}
    {%- set tests = [] -%}
    {%- for phrase in phrases -%}
        {%- set literal = text_literal(phrase) -%}
        {%- set needle = title_words(literal) if normalise == 'title' else words(literal) -%}
        {%- do tests.append("(" ~ needle ~ " <> '  ' and position(" ~ needle ~ " in " ~ padded_words ~ ") > 0)") -%}
    {%- endfor -%}
    {{ return("(" ~ (tests | join(" or ")) ~ ")" if tests else "false") }}
{%- endmacro %}

{#- Job titles as padded words with the usual abbreviations written out and linking words left out. -#}
{% macro title_words(expression) -%}
    {%- set written_out = [
        ('cfo', 'chief financial officer'), ('ceo', 'chief executive officer'),
        ('coo', 'chief operating officer'), ('cio', 'chief information officer'),
        ('cto', 'chief technology officer'), ('cao', 'chief accounting officer'),
        ('cmo', 'chief marketing officer'), ('cro', 'chief revenue officer'),
        ('svp', 'senior vice president'), ('evp', 'executive vice president'),
        ('avp', 'assistant vice president'), ('vp', 'vice president'),
        ('md', 'managing director'), ('gm', 'general manager'),
        ('sr', 'senior'), ('jr', 'junior'), ('dir', 'director'), ('mgr', 'manager'),
        ('fp a', 'financial planning analysis'), ('it', 'information technology'),
        ('of', ''), ('the', ''), ('and', ''), ('for', ''),
    ] -%}
    {%- set ns = namespace(sql=words(expression)) -%}
    {%- for short, long in written_out -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", ' " ~ short ~ " ', ' " ~ (long ~ ' ' if long else '') ~ "')" -%}
    {%- endfor -%}
    {{ return(ns.sql) }}
{%- endmacro %}
