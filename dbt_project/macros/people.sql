{#- What one person is known by: keys that records of the same person share. -#}

{#- A contact record as its source has it, of the week and in its newest state alike. -#}
{% macro contact_record_columns() %}
        -- keys
        source || ':' || source_contact_id as contact_id,
        source,
        source_contact_id,
        source || ':' || source_company_id as record_id,

        -- person
        company_domain,
        full_name,
        title,
        department,
        seniority,

        -- ways to reach
        lower(email) as email,
        -- Batches that landed before the landing filled it in have only the address.
        coalesce(email_domain, split_part(lower(email), '@', 2)) as email_domain,
        phone,
        profile_url,
        coalesce(is_opted_out, false) as is_opted_out,
        coalesce(is_do_not_call, false) as is_do_not_call,

        -- times
        {{ utc_timestamp('observed_at') }} as observed_at,
        {{ is_known_later() }} as is_known_later

{%- endmacro %}

{#- The address of a person's profile in one spelling: without scheme, `www`, country host, port, query, percent signs
    and slashes too many; of LinkedIn what names the member. Null for what is no person's page, such as a firm's or one
    that only its query tells from others. `profile_key` of ingest/normalise.py gives the same: change both. Most are
    tidy, and told so by one look; what few are spelled with is only looked at in those. -#}
{% macro profile_key(expression) -%}
    {%- set tidy = "^https://(www[.])?[a-z-]{4,}[.][a-z]+/in/[a-z0-9_-]+$" -%}
    {%- set odd = "(?i)%|:[0-9]|[^:]//|/mwlite/" -%}
    {%- set address = "^(?:https?:)?/*(?:(?:www|m|mobile|[a-z][a-z](?:-[a-z][a-z])?)[.])?(linkedin[.]com/in/[^/?#]+|[^/?#: ]+[.][^./?#: ]{2,}/[^?#]*[^/?#])" -%}
    {%- set pages = "(?:company|companies|groups|organization|pages|school|search|showcase)" -%}
    {%- set nobody = "^linkedin[.]com/[^/]+$|^.*/(?:profile/view|[^/]*[.]php)$|^[^/]+/" ~ pages ~ "$|^.*/" ~ pages ~ "/.*$" -%}
    {%- set ns = namespace(spelled="lower(" ~ url_decoded(expression) ~ ")") -%}
    {%- for part, becomes in [(':(?:80|443)/', '/'), ('/+', '/'), ('/mwlite/in/', '/in/')] -%}
        {%- set ns.spelled = replace_pattern(ns.spelled, part, becomes) -%}
    {%- endfor -%}
    {%- set spelled = "case when " ~ matches(expression, odd) ~ " then " ~ ns.spelled ~ " else lower(" ~ expression ~ ") end" -%}
    {%- set person = replace_pattern(first_match(spelled, address), nobody, '') -%}
    case
        when not {{ matches(expression, tidy) }} then nullif({{ replace_pattern(person, "^twitter[.]com/", "x.com/") }}, '')
        when {{ expression }} like 'https://www.%' then substr({{ expression }}, 13)
        else substr({{ expression }}, 9)
    end
{%- endmacro %}

{#- Titles and degrees that stand beside a name; what tells father and son apart (Jr., III) is part of it. -#}
{% macro honorifics() -%}
    {{ return("dr|prof|mr|mrs|ms|miss|sir|herr|frau|mme|mlle|dipl|ing|mag|phd|mba|cpa|cfa|acca|aca") }}
{%- endmacro %}

{#- Whether a name is two or more words of plain letters, which `person_words` would leave as they are. -#}
{% macro is_plain_name(expression) -%}
    not {{ matches(expression, "[^A-Za-z ]|[aouAOU][eE]|^[^ ]*$|(?:^| )[^ ](?: |$)|(?i:(?:^| )(?:" ~ honorifics() ~ ")(?: |$))") }}
{%- endmacro %}

{#- A name as padded words without marks and titles: "Lee, Dr. Änne B." is " anne b lee ". -#}
{% macro person_words(expression) -%}
    {%- set turned = "case when " ~ expression ~ " like '%,%' then split_part(" ~ expression ~ ", ',', 2) || ' ' || split_part(" ~ expression ~ ", ',', 1) || ' ' || split_part(" ~ expression ~ ", ',', 3) else " ~ expression ~ " end" -%}
    {%- set ns = namespace(spelled=without_accents("lower(" ~ turned ~ ")")) -%}
    {#- What no mark was taken from, and the two ways to write ä, ö and ü. -#}
    {%- for letter, plain in [('ß', 'ss'), ('æ', 'ae'), ('œ', 'oe'), ('ø', 'o'), ('ł', 'l'), ('đ', 'd'), ("'", ''), ('’', ''), ('ae', 'a'), ('oe', 'o'), ('ue', 'u')] -%}
        {%- set ns.spelled = "replace(" ~ ns.spelled ~ ", " ~ text_literal(letter) ~ ", '" ~ plain ~ "')" -%}
    {%- endfor -%}
    {{ return(replace_pattern(words(ns.spelled), "( (?:" ~ honorifics() ~ "))+ ", " ")) }}
{%- endmacro %}

{#- Name words without middle initials. Null where it is one word or where the first name is an initial: J. Smith may
    be anybody. -#}
{% macro name_key_of_words(words) -%}
    case
        when not {{ matches(words, "^ [^ ] ") }} and {{ matches(words, " [^ ][^ ]+ (?:[^ ]+ )*[^ ][^ ]+ ") }}
            then trim({{ replace_pattern(words, "(?: [^ ])+ ", " ") }})
    end
{%- endmacro %}

{#- The first middle initial among name words, an empty text where there is none. -#}
{% macro middle_initial(words) -%}
    {{ first_match(words, "^ [^ ]+ (?:[^ ]+ )*?([^ ]) ") }}
{%- endmacro %}
