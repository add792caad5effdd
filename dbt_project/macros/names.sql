{#- Names of firms as keys by which records of one firm find each other.
    A step is one pass over the text, since it runs over every name; legal forms come from a seed. -#}

{#- A name without case, accents, punctuation, linking words and legal forms: "The A. O. Smith Corp. /DE/" and
    "AO Smith" are both "ao smith". Null when only legal words are left, so that such a name matches nothing. -#}
{% macro name_key(expression) -%}
    {{ return("nullif(" ~ letters_together("trim(" ~ without_legal_forms(name_words(expression)) ~ ")") ~ ", '')") }}
{%- endmacro %}

{#- The words of a key in the order of the alphabet: "Lilly (Eli)" and "Eli Lilly" are alike. -#}
{% macro name_sorted(key) -%}
    {{ return(array_join(array_sorted("split(" ~ key ~ ", ' ')"), ' ')) }}
{%- endmacro %}

{#- A key without blanks, and without the e by which umlauts are written out: "WAL MART" and "Walmart",
    "Mueller" and "Müller" are alike. -#}
{% macro name_squashed(key) -%}
    {%- set ns = namespace(sql="replace(" ~ key ~ ", ' ', '')") -%}
    {%- for vowel in 'aou' -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ vowel ~ "e', '" ~ vowel ~ "')" -%}
    {%- endfor -%}
    {{ return(ns.sql) }}
{%- endmacro %}

{#- A key without the weak words at its end: "amazon com" is "amazon". Null when nothing is left.
    Kinds are those of the seed; a core of one word, or one that lost the name of its field, is told from others least. -#}
{% macro name_core(key, kinds=['structure', 'trade']) -%}
    {%- set words = seeded_words('weak_name_words', 'word', "kind in (" ~ text_list(kinds) ~ ")") -%}
    {{ return("nullif(trim(" ~ without_ending("' ' || " ~ key, words) ~ "), '')") }}
{%- endmacro %}

{#- The beginnings of a key, of two words at least and fewer than all, each as `name_sorted` writes it:
    "capital one" is one of "capital one financial", and "jb hunt" of "hunt jb transport services". -#}
{% macro name_fronts(key) -%}
    {{ return(array_transform(array_fronts("split(" ~ key ~ ", ' ')"), array_join(array_sorted('item'), ' '))) }}
{%- endmacro %}

{#- What names write long or short, inside them too, where it is not taken out ("Packaging Corporation of America"). -#}
{% macro name_abbreviations() -%}
    {{ return([('corporation', 'corp'), ('company', 'co'), ('international', 'intl')]) }}
{%- endmacro %}

{#- The words of a name between single blanks, abbreviated and without linking words. -#}
{% macro name_words(expression) -%}
    {%- set letters = folded(without_marks(expression), expression) -%}
    {%- set unquoted = "replace(replace(" ~ letters ~ ", '''', ''), '\"', '')" -%}
    {%- set words = "trim(" ~ replace_pattern(unquoted, "[^\\p{L}\\p{M}\\p{N}+#]+", " ") ~ ")" -%}
    {%- set ns = namespace(sql="' ' || " ~ replace_pattern(words, " (?:and|und|et|og|och) ", " ") ~ " || ' '") -%}
    {%- for long, short in name_abbreviations() -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", ' " ~ long ~ " ', ' " ~ short ~ " ')" -%}
    {%- endfor -%}
    {{ return("trim(" ~ ns.sql ~ ")") }}
{%- endmacro %}

{#- Words with neighbouring single letters as one, and without the Spanish "and", which is a letter, too.
    It follows legal forms, since theirs are no letters of the name ("Fund V L P"). -#}
{% macro letters_together(words) -%}
    {%- set marked = replace_pattern(words, "\\b([a-z])\\b", "<\\1>") -%}
    {{ return("replace(replace(replace(replace(" ~ marked ~ ", '> <', ''), '<', ''), '>', ''), ' y ', ' ')") }}
{%- endmacro %}

{#- Without HTML entities and without the marks by which SEC tells registrants apart ("/DE/", "\DE\", "/ADR").
    "AC/DC" keeps its end, since a mark follows more than one word. -#}
{% macro without_marks(expression) -%}
    {%- set ns = namespace(sql=expression, tests=[]) -%}
    {%- for pattern, replacement in [
        ("&amp;", "&"),
        ("&szlig;", "ss"),
        ("&([A-Za-z])(?:acute|grave|circ|uml|tilde|cedil|ring|slash|caron);", "\\1"),
        ("&([A-Za-z]{2})lig;", "\\1"),
        ("&(?:apos|[lr]squo|#0?39|#821[67]|#x27|#x201[89]);", "'"),
        ("&(?:[A-Za-z]+|#[0-9]+|#x[0-9A-Fa-f]+);", " "),
        ("(\\s[^/\\\\]*)(?:[/\\\\](?:\\s*(?:[A-Z]{2,4}|CAYMAN))?\\s*)+$", "\\1"),
    ] -%}
        {%- set ns.sql = replace_pattern(ns.sql, pattern, replacement) -%}
    {%- endfor -%}
    {%- for mark in ['&', '/', '\\'] -%}
        {%- do ns.tests.append("position(" ~ text_literal(mark) ~ " in " ~ expression ~ ") > 0") -%}
    {%- endfor -%}
    {{ return("case when " ~ (ns.tests | join(' or ')) ~ " then " ~ ns.sql ~ " else " ~ expression ~ " end") }}
{%- endmacro %}

{#- Lower case without accents. Scripts that write vowels as marks keep theirs. -#}
{% macro folded(expression, raw) -%}
    {%- set lower = "lower(" ~ expression ~ ")" -%}
    {{ return(
        "case when bit_length(" ~ raw ~ ") = 8 * length(" ~ raw ~ ") then " ~ lower
        ~ " when " ~ matches(raw, "[\\x{590}-\\x{1cff}\\x{3040}-\\x{30ff}]") ~ " then " ~ plain_signs(lower)
        ~ " else " ~ plain_signs(without_accents(lower)) ~ " end"
    ) }}
{%- endmacro %}

{#- Letters that are no letter with an accent, and signs that stand for words, as others write them. -#}
{% macro plain_signs(expression) -%}
    {%- set full_width = 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９' -%}
    {%- set ns = namespace(sql="translate(" ~ expression ~ ", 'øłıđðħŧς" ~ full_width ~ "’‘ʼ´“”„', 'oliddhtσabcdefghijklmnopqrstuvwxyz0123456789')") -%}
    {%- for sign, plain in [('ß', 'ss'), ('æ', 'ae'), ('œ', 'oe'), ('þ', 'th'), ('＆', '&'), ('㈱', ' 株 '), ('㈲', ' 有 '), ('㈜', ' 주 ')] -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ sign ~ "', '" ~ plain ~ "')" -%}
    {%- endfor -%}
    {{ return(ns.sql) }}
{%- endmacro %}

{#- Words without the legal forms before and after them; what stands between is content ("AS Roma", "Sa Sa Global"). -#}
{% macro without_legal_forms(words) -%}
    {#- After shares, the state of Delaware, as SEC now writes it without slashes. -#}
    {%- set shares = ['(?:class|cl|series) [a-z0-9]', 'common stock', 'common shares', 'ordinary shares', 'adr', 'ads', 'de'] -%}
    {%- set before = seeded_words('legal_forms', 'form', "position in ('prefix', 'both')") -%}
    {%- set after = seeded_words('legal_forms', 'form', "position in ('suffix', 'both')") -%}
    {%- set headless = replace_pattern(words, "^" ~ repeated(any_of(['the'] + before, "", "(?: |$)")), "") -%}
    {{ return(without_ending("' ' || " ~ headless, ['the'] + shares + after)) }}
{%- endmacro %}

{% macro without_ending(padded_words, endings) -%}
    {{ return(replace_pattern(padded_words, repeated(any_of(endings, " ", "")) ~ "$", "")) }}
{%- endmacro %}

{#- A pattern of any of the words with the blank that parts it from the rest, which scripts without blanks don't need.
    Single letters may stand together: "s a" is "sa", too. -#}
{% macro any_of(words, blank_before, blank_after) -%}
    {%- set ns = namespace(parts=[]) -%}
    {%- for word in words -%}
        {%- set optional = "?" if modules.re.match("[\\u0e00-\\u0e7f\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af]{2}", word) else "" -%}
        {%- set spelled = modules.re.sub("\\b([a-z]) (?=[a-z]\\b)", "\\1 ?", word) -%}
        {%- do ns.parts.append((blank_before ~ optional if blank_before) ~ spelled ~ (blank_after ~ optional if blank_after)) -%}
    {%- endfor -%}
    {{ return("(?:" ~ (ns.parts | join("|")) ~ ")") }}
{%- endmacro %}

{#- What a seed holds, as the words of a name, the longest first; read when a model is compiled: a pattern that is no literal would be
    compiled again for every row. Nothing while parsing, or where the seed was never built, as for the linter. -#}
{% macro seeded_words(seed, column, condition="true") -%}
    {%- if not execute -%}
        {%- do ref(seed) -%}
        {{ return([]) }}
    {%- endif -%}
    {#- By name, since a unit test is given only rows of its own. -#}
    {%- set relation = adapter.get_relation(target.database, generate_schema_name('seeds', none), seed) -%}
    {%- if relation is none -%}{{ return([]) }}{%- endif -%}
    {%- set query = "select words from (select distinct " ~ name_words(column) ~ " as words from " ~ relation ~ " where " ~ condition ~ ") order by length(words) desc, words" -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}
