{#- Text as padded words (" vice president finance "), so that a phrase is found by position and never inside a word.
    Columns are normalised in SQL, phrases of the document here at compile time, by the same steps. -#}

{#- `+` and `#` are no punctuation, since they are parts of names (C++, C#). -#}
{% macro punctuation() -%}
    {{ return(",;:/|()[]{}<>!?*&%$=~^_.-" ~ '"`') }}
{%- endmacro %}

{#- What titles abbreviate, in the order of replacement; linking words are replaced by nothing. -#}
{% macro title_abbreviations() -%}
    {{ return([
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
    ]) }}
{%- endmacro %}

{#- What stands between two words where it is more than one space: marks of punctuation, each an escaped member of a
    class, for which a backslash is right on both engines. -#}
{% macro punctuated_gap() -%}
    {%- set ns = namespace(marks="'") -%}
    {%- for mark in punctuation() -%}{%- set ns.marks = ns.marks ~ "\\" ~ mark -%}{%- endfor -%}
    {{ return("[" ~ ns.marks ~ "][" ~ ns.marks ~ " ]*| [" ~ ns.marks ~ " ]+") }}
{%- endmacro %}

{#- A pattern that seldom matches is faster than translating every character or folding every space. -#}
{% macro words(expression) -%}
    (' ' || trim({{ replace_pattern("lower(" ~ expression ~ ")", punctuated_gap(), " ") }}) || ' ')
{%- endmacro %}

{% macro title_words(expression) -%}
    {%- set ns = namespace(sql=words(expression)) -%}
    {%- for short, long in title_abbreviations() -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", ' " ~ short ~ " ', ' " ~ (long ~ ' ' if long else '') ~ "')" -%}
    {%- endfor -%}
    {{ return(ns.sql) }}
{%- endmacro %}

{% macro phrase_words(phrase) -%}
    {%- set ns = namespace(text=(phrase | lower | replace("'", ' '))) -%}
    {%- for character in punctuation() -%}{%- set ns.text = ns.text | replace(character, ' ') -%}{%- endfor -%}
    {{ return(' ' ~ (ns.text.split() | join(' ')) ~ ' ') }}
{%- endmacro %}

{% macro phrase_title_words(phrase) -%}
    {%- set ns = namespace(text=phrase_words(phrase)) -%}
    {%- for short, long in title_abbreviations() -%}
        {%- set ns.text = ns.text | replace(' ' ~ short ~ ' ', ' ' ~ (long ~ ' ' if long else '')) -%}
    {%- endfor -%}
    {{ return(ns.text) }}
{%- endmacro %}

{#- True when any of the phrases stands in the padded words; a phrase of punctuation alone matches nothing. -#}
{% macro mentions_any(padded_words, phrases) -%}
    {%- set needles = [] -%}
    {%- for phrase in phrases -%}{%- do needles.append(phrase_words(phrase)) -%}{%- endfor -%}
    {{ return(contains_any(padded_words, needles)) }}
{%- endmacro %}

{#- True when the title holds any of the phrases; where it is not held, when it is one of them word for word. -#}
{% macro title_held(padded_words, is_held, phrases) -%}
    {%- set needles = [] -%}
    {%- for phrase in phrases -%}{%- do needles.append(phrase_title_words(phrase)) -%}{%- endfor -%}
    {%- if not needles -%}{{ return("false") }}{%- endif -%}
    {{ return("(" ~ is_held ~ " and " ~ contains_any(padded_words, needles) ~ " or " ~ padded_words ~ " in (" ~ text_list(needles) ~ "))") }}
{%- endmacro %}

{% macro contains_any(padded_words, needles) -%}
    {%- set tests = [] -%}
    {%- for needle in needles if needle.split() -%}
        {%- do tests.append("position(" ~ text_literal(needle) ~ " in " ~ padded_words ~ ") > 0") -%}
    {%- endfor -%}
    {{ return("(" ~ (tests | join(" or ")) ~ ")" if tests else "false") }}
{%- endmacro %}
