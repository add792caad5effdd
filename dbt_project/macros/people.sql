{#- What one person is known by: keys that records of the same person share. -#}

{#- The address of a profile without scheme, `www`, country host, query and trailing slash; of LinkedIn
    what names the member. Null for what is no person's page. Most addresses are tidy, and told so by one look. -#}
{% macro profile_key(expression) -%}
    {%- set tidy = "^https://(www[.])?[a-z-]{4,}[.][a-z]+/[a-z0-9_-]+/[a-z0-9_-]+$" -%}
    {%- set address = first_match("lower(" ~ expression ~ ")", "^(?:https?://)?(?:(?:www|m|[a-z][a-z])[.])?([^/?#]+/[^?#]*[^/?#])") -%}
    {%- set member = first_match(address, "^linkedin[.]com/in/([^/]+)") -%}
    case
        when {{ expression }} like '%/company/%' or {{ expression }} like '%/school/%' or {{ expression }} like '%/showcase/%' then null
        when not {{ matches(expression, tidy) }} then coalesce('linkedin.com/in/' || nullif({{ member }}, ''), nullif(nullif({{ address }}, ''), 'linkedin.com/in'))
        when {{ expression }} like 'https://www.%' then substr({{ expression }}, 13)
        else substr({{ expression }}, 9)
    end
{%- endmacro %}

{#- Lower-case Latin letters with marks, and the letters below them. -#}
{% macro marked_letters() -%}
    {{ return("àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžøłđıħŧșțð") }}
{%- endmacro %}
{% macro plain_letters() -%}
    {{ return("aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzoldihtstd") }}
{%- endmacro %}

{#- Titles and degrees that stand beside a name; what tells father and son apart (Jr., III) is part of it. -#}
{% macro honorifics() -%}
    {{ return("dr|prof|mr|mrs|ms|miss|sir|herr|frau|mme|mlle|dipl|ing|mag|phd|mba|cpa|cfa|acca|aca") }}
{%- endmacro %}

{#- A name as padded words: "Lee, Dr. Änne B." is " anne b lee ". -#}
{% macro name_words(expression) -%}
    {%- set turned = "case when " ~ expression ~ " like '%,%' then split_part(" ~ expression ~ ", ',', 2) || ' ' || split_part(" ~ expression ~ ", ',', 1) || ' ' || split_part(" ~ expression ~ ", ',', 3) else " ~ expression ~ " end" -%}
    {%- set lower = "lower(replace(replace(" ~ turned ~ ", '''', ''), '’', ''))" -%}
    {%- set plain = "translate(" ~ lower ~ ", " ~ text_literal(marked_letters()) ~ ", " ~ text_literal(plain_letters()) ~ ")" -%}
    {%- set spelled = "replace(replace(replace(replace(replace(" ~ plain ~ ", 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'ae', 'a'), 'oe', 'o')" -%}
    {%- set spelled = "replace(" ~ spelled ~ ", 'ue', 'u')" -%}
    {{ return(replace_pattern(words(spelled), "( (?:" ~ honorifics() ~ "))+ ", " ")) }}
{%- endmacro %}

{#- A name without case, accents, order ("Last, First"), titles and middle initials. Null where it is one word or
    where the first name is an initial: J. Smith may be anybody. Most names are plain, and told so by one look. -#}
{% macro person_name_key(expression) -%}
    {%- set special = "[^A-Za-z ]|[aouAOU][eE]|^[^ ]*$|(?:^| )[^ ](?: |$)|(?i:(?:^| )(?:" ~ honorifics() ~ ")(?: |$))" -%}
    {%- set said = name_words(expression) -%}
    {%- set key = "trim(" ~ replace_pattern(said, "(?: [^ ])+ ", " ") ~ ")" -%}
    case
        when not {{ matches(expression, special) }} then lower({{ expression }})
        when not {{ matches(said, "^ [^ ] ") }} and {{ key }} like '% %' then {{ key }}
    end
{%- endmacro %}

{#- The first middle initial of a name, an empty text where it has none. -#}
{% macro middle_initial(expression) -%}
    {{ first_match(name_words(expression), "^ [^ ]+ (?:[^ ]+ )*?([^ ]) ") }}
{%- endmacro %}
