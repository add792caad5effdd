-- Catches: a phrase of the document that is normalised otherwise than the text it is looked for in.
-- Usually means: one of the macros `words` and `phrase_words` (or their title twins) was changed alone.
-- A returned row is a phrase with both spellings.
{{ config(tags=['formula']) }}
{%- set phrases = [
    "Month-end", "  VP of Finance & Ops ", "C++/C#", "Société d'Épargne", "FP&A", "S/4HANA", "(Sr.) Dir., IT", "東京",
    "CFO", "a'b\"c`d", "...", "Leiter Konzernrechnungswesen (m/w/d)", "svp the evp", "{{ x }} | ;",
] %}
with

phrases as (

    {% for phrase in phrases -%}
    select
        {{ words(text_literal(phrase)) }} as column_words,
        {{ text_literal(phrase_words(phrase)) }} as compiled_words,
        {{ title_words(text_literal(phrase)) }} as column_title,
        {{ text_literal(phrase_title_words(phrase)) }} as compiled_title
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from phrases
where trim(column_words) <> trim(compiled_words) or trim(column_title) <> trim(compiled_title)
