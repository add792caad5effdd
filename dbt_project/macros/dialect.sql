{#- What the two engines spell differently, and nothing else. DuckDB is the default. -#}

{#- An instant as a timestamp without a zone, in UTC. DuckDB's own cast asks a calendar for each row. -#}
{% macro utc_timestamp(instant) -%}
    {{ return(adapter.dispatch('utc_timestamp', 'prospects')(instant)) }}
{%- endmacro %}
{% macro default__utc_timestamp(instant) -%}
    make_timestamp(epoch_us({{ instant }}))
{%- endmacro %}
{% macro spark__utc_timestamp(instant) -%}
    cast({{ instant }} as timestamp)
{%- endmacro %}

{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between', 'prospects')(earlier, later)) }}
{%- endmacro %}
{% macro default__days_between(earlier, later) -%}
    date_diff('day', cast({{ earlier }} as date), cast({{ later }} as date))
{%- endmacro %}
{% macro spark__days_between(earlier, later) -%}
    datediff(cast({{ later }} as date), cast({{ earlier }} as date))
{%- endmacro %}

{% macro array_of(items, type) -%}
    {{ return(adapter.dispatch('array_of', 'prospects')(items, type)) }}
{%- endmacro %}
{% macro default__array_of(items, type) -%}
    cast([{{ items | join(', ') }}] as {{ type }}[])
{%- endmacro %}
{% macro spark__array_of(items, type) -%}
    cast(array({{ items | join(', ') }}) as array<{{ type }}>)
{%- endmacro %}

{#- The items of an array of which the condition, which calls them `item`, is true. -#}
{% macro array_filter(array, condition) -%}
    {{ return(adapter.dispatch('array_filter', 'prospects')(array, condition)) }}
{%- endmacro %}
{% macro default__array_filter(array, condition) -%}
    list_filter({{ array }}, lambda item: {{ condition }})
{%- endmacro %}
{% macro spark__array_filter(array, condition) -%}
    filter({{ array }}, item -> {{ condition }})
{%- endmacro %}

{% macro array_without_nulls(array) -%}
    {{ return(array_filter(array, 'item is not null')) }}
{%- endmacro %}

{#- An array with `expression` in place of each of its items, which the expression calls `item`. -#}
{% macro array_transform(array, expression) -%}
    {{ return(adapter.dispatch('array_transform', 'prospects')(array, expression)) }}
{%- endmacro %}
{% macro default__array_transform(array, expression) -%}
    list_transform({{ array }}, lambda item: {{ expression }})
{%- endmacro %}
{% macro spark__array_transform(array, expression) -%}
    transform({{ array }}, item -> {{ expression }})
{%- endmacro %}

{% macro array_sorted(array) -%}
    {{ return(adapter.dispatch('array_sorted', 'prospects')(array)) }}
{%- endmacro %}
{% macro default__array_sorted(array) -%}
    list_sort({{ array }})
{%- endmacro %}
{% macro spark__array_sorted(array) -%}
    array_sort({{ array }})
{%- endmacro %}

{#- The beginnings of an array that have two items at least and not all of them. -#}
{% macro array_fronts(array) -%}
    {{ return(adapter.dispatch('array_fronts', 'prospects')(array)) }}
{%- endmacro %}
{% macro default__array_fronts(array) -%}
    list_transform(range(2, len({{ array }})), lambda items: list_slice({{ array }}, 1, items))
{%- endmacro %}
{% macro spark__array_fronts(array) -%}
    transform(filter(sequence(2, greatest(2, size({{ array }}) - 1)), items -> items < size({{ array }})), items -> slice({{ array }}, 1, items))
{%- endmacro %}

{% macro array_length(array) -%}
    {{ return(adapter.dispatch('array_length', 'prospects')(array)) }}
{%- endmacro %}
{% macro default__array_length(array) -%}
    len({{ array }})
{%- endmacro %}
{% macro spark__array_length(array) -%}
    size({{ array }})
{%- endmacro %}

{% macro array_join(array, separator) -%}
    {{ return(adapter.dispatch('array_join', 'prospects')(array, separator)) }}
{%- endmacro %}
{% macro default__array_join(array, separator) -%}
    array_to_string({{ array }}, {{ text_literal(separator) }})
{%- endmacro %}
{% macro spark__array_join(array, separator) -%}
    array_join({{ array }}, {{ text_literal(separator) }})
{%- endmacro %}

{% macro sorted_array_agg(expression) -%}
    {{ return(adapter.dispatch('sorted_array_agg', 'prospects')(expression)) }}
{%- endmacro %}
{% macro default__sorted_array_agg(expression) -%}
    list_sort(list(distinct {{ expression }}) filter (where {{ expression }} is not null))
{%- endmacro %}
{% macro spark__sorted_array_agg(expression) -%}
    array_sort(collect_set({{ expression }}))
{%- endmacro %}

{% macro array_concat(left_array, right_array) -%}
    {{ return(adapter.dispatch('array_concat', 'prospects')(left_array, right_array)) }}
{%- endmacro %}
{% macro default__array_concat(left_array, right_array) -%}
    list_concat({{ left_array }}, {{ right_array }})
{%- endmacro %}
{% macro spark__array_concat(left_array, right_array) -%}
    concat({{ left_array }}, {{ right_array }})
{%- endmacro %}

{#- One row per element of an array column: `explode_array('t', 'reasons', 'reason')` goes after `from t`. -#}
{% macro explode_array(array, alias) -%}
    {{ return(adapter.dispatch('explode_array', 'prospects')(array, alias)) }}
{%- endmacro %}
{% macro default__explode_array(array, alias) -%}
    cross join unnest({{ array }}) as unnested_{{ alias }} ({{ alias }})
{%- endmacro %}
{% macro spark__explode_array(array, alias) -%}
    lateral view explode({{ array }}) unnested_{{ alias }} as {{ alias }}
{%- endmacro %}

{% macro struct_of(fields) -%}
    {{ return(adapter.dispatch('struct_of', 'prospects')(fields)) }}
{%- endmacro %}
{% macro default__struct_of(fields) -%}
    {%- set parts = [] -%}
    {%- for name, expression in fields.items() -%}{%- do parts.append(name ~ ' := ' ~ expression) -%}{%- endfor -%}
    struct_pack({{ parts | join(', ') }})
{%- endmacro %}
{% macro spark__struct_of(fields) -%}
    {%- set parts = [] -%}
    {%- for name, expression in fields.items() -%}{%- do parts.append("'" ~ name ~ "', " ~ expression) -%}{%- endfor -%}
    named_struct({{ parts | join(', ') }})
{%- endmacro %}

{% macro struct_type(fields) -%}
    {{ return(adapter.dispatch('struct_type', 'prospects')(fields)) }}
{%- endmacro %}
{% macro default__struct_type(fields) -%}
    {%- set parts = [] -%}
    {%- for name, type in fields.items() -%}{%- do parts.append(name ~ ' ' ~ type) -%}{%- endfor -%}
    struct({{ parts | join(', ') }})
{%- endmacro %}
{% macro spark__struct_type(fields) -%}
    {%- set parts = [] -%}
    {%- for name, type in fields.items() -%}{%- do parts.append(name ~ ': ' ~ type) -%}{%- endfor -%}
    struct<{{ parts | join(', ') }}>
{%- endmacro %}

{% macro map_entries_to_map(entries) -%}
    map_from_entries({{ entries }})
{%- endmacro %}

{% macro map_value(map, key) -%}
    {{ return(adapter.dispatch('map_value', 'prospects')(map, key)) }}
{%- endmacro %}
{% macro default__map_value(map, key) -%}
    map_extract_value({{ map }}, {{ key }})
{%- endmacro %}
{% macro spark__map_value(map, key) -%}
    {{ map }}[{{ key }}]
{%- endmacro %}

{% macro sha256_of(expression) -%}
    {{ return(adapter.dispatch('sha256_of', 'prospects')(expression)) }}
{%- endmacro %}
{% macro default__sha256_of(expression) -%}
    sha256({{ expression }})
{%- endmacro %}
{% macro spark__sha256_of(expression) -%}
    sha2({{ expression }}, 256)
{%- endmacro %}

{#- A 64-bit number of the values: the same for the same values within a run, and seldom for others. -#}
{% macro hash_of(expressions) -%}
    {{ return(adapter.dispatch('hash_of', 'prospects')(expressions)) }}
{%- endmacro %}
{% macro default__hash_of(expressions) -%}
    hash({{ expressions | join(', ') }})
{%- endmacro %}
{% macro spark__hash_of(expressions) -%}
    xxhash64({{ expressions | join(', ') }})
{%- endmacro %}

{% macro replace_pattern(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_pattern', 'prospects')(expression, pattern, replacement)) }}
{%- endmacro %}
{% macro default__replace_pattern(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, {{ text_literal(pattern) }}, {{ text_literal(replacement) }}, 'g')
{%- endmacro %}
{% macro spark__replace_pattern(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, {{ text_literal(pattern) }}, {{ text_literal(replacement | replace("\\", "$")) }})
{%- endmacro %}

{#- A pattern several times over. Without bounds where an engine tries one way to match after the other, a hostile
    text takes for ever; with them, the other engine's pattern is too large for its fast way. -#}
{% macro repeated(pattern) -%}
    {{ return(adapter.dispatch('repeated', 'prospects')(pattern)) }}
{%- endmacro %}
{% macro default__repeated(pattern) -%}
    {{ return(pattern ~ "+") }}
{%- endmacro %}
{% macro spark__repeated(pattern) -%}
    {{ return(pattern ~ "{1,6}") }}
{%- endmacro %}

{#- Lower-case letters of alphabets without their accents. -#}
{% macro without_accents(expression) -%}
    {{ return(adapter.dispatch('without_accents', 'prospects')(expression)) }}
{%- endmacro %}
{% macro default__without_accents(expression) -%}
    strip_accents({{ expression }})
{%- endmacro %}
{% macro spark__without_accents(expression) -%}
    regexp_replace(translate({{ expression }}, 'àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǣǧǩǫǭǯǰǵǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳʹ;΅·ΐάέήίΰϊϋόύώϓϔйѐёѓїќѝўѷӂӑӓӗӛӝӟӣӥӧӫӭӯӱӳӵӹḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙẛạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹἀἁἂἃἄἅἆἇἐἑἒἓἔἕἠἡἢἣἤἥἦἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὐὑὒὓὔὕὖὗὠὡὢὣὤὥὦὧὰάὲέὴήὶίὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾰᾱᾲᾳᾴᾶᾷι῁ῂῃῄῆῇ῍῎῏ῐῑῒΐῖῗ῝῞῟ῠῡῢΰῤῥῦῧ῭΅`ῲῳῴῶῷ´', 'aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzouaiouuuuuaaægkooʒjgnaæøaaeeiioorruusthaeooooyʹ;¨·ιαεηιυιυουωϒϒиеегікиуѵжааеәжзииоөэууучыabbbcdddddeeeeefghhhhhiikkkllllmmmnnnnoooopprrrrsssssttttuuuuuvvwwwwwxxyzzzhtwyſaaaaaaaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyyααααααααεεεεεεηηηηηηηηιιιιιιιιοοοοοουυυυυυυυωωωωωωωωααεεηηιιοουυωωααααααααηηηηηηηηωωωωωωωωαααααααι¨ηηηηη᾿᾿᾿ιιιιιι῾῾῾υυυυρρυυ¨¨`ωωωωω´'), {{ text_literal("\\p{M}+") }}, '')
{%- endmacro %}

{#- A web address with the signs that its percent signs stand for; as it is where they are no UTF-8. -#}
{% macro url_decoded(expression) -%}
    {{ return(adapter.dispatch('url_decoded', 'prospects')(expression)) }}
{%- endmacro %}
{% macro default__url_decoded(expression) -%}
    coalesce(try(url_decode({{ expression }})), {{ expression }})
{%- endmacro %}
{% macro spark__url_decoded(expression) -%}
    coalesce(try_url_decode(replace({{ expression }}, '+', '%2B')), {{ expression }})
{%- endmacro %}

{#- Whether a pattern is found anywhere in the text. -#}
{% macro matches(expression, pattern) -%}
    {{ return(adapter.dispatch('matches', 'prospects')(expression, pattern)) }}
{%- endmacro %}
{% macro default__matches(expression, pattern) -%}
    regexp_matches({{ expression }}, {{ text_literal(pattern) }})
{%- endmacro %}
{% macro spark__matches(expression, pattern) -%}
    ({{ expression }} rlike {{ text_literal(pattern) }})
{%- endmacro %}

{#- What the first group of a pattern matched, an empty text where the pattern is not found. -#}
{% macro first_match(expression, pattern) -%}
    regexp_extract({{ expression }}, {{ text_literal(pattern) }}, 1)
{%- endmacro %}

{#- Any quantile of a double, interpolated. -#}
{% macro median_of(expression) -%}
    median({{ expression }})
{%- endmacro %}

{% macro array_contains(array, value) -%}
    array_contains({{ array }}, {{ text_literal(value) }})
{%- endmacro %}

{% macro array_first(array) -%}
    {{ return(adapter.dispatch('array_first', 'prospects')(array)) }}
{%- endmacro %}
{% macro default__array_first(array) -%}
    {{ array }}[1]
{%- endmacro %}
{% macro spark__array_first(array) -%}
    {{ array }}[0]
{%- endmacro %}

{% macro array_except(array, taken_away) -%}
    {{ return(adapter.dispatch('array_except', 'prospects')(array, taken_away)) }}
{%- endmacro %}
{% macro default__array_except(array, taken_away) -%}
    list_filter({{ array }}, lambda item: not list_contains({{ taken_away }}, item))
{%- endmacro %}
{% macro spark__array_except(array, taken_away) -%}
    array_except({{ array }}, {{ taken_away }})
{%- endmacro %}

{#- `table.*` without some of its columns. -#}
{% macro except_columns(names) -%}
    {{ return(adapter.dispatch('except_columns', 'prospects')(names)) }}
{%- endmacro %}
{% macro default__except_columns(names) -%}
    exclude ({{ names | join(', ') }})
{%- endmacro %}
{% macro spark__except_columns(names) -%}
    except ({{ names | join(', ') }})
{%- endmacro %}

{% macro text_split(expression, separator) -%}
    {{ return(adapter.dispatch('text_split', 'prospects')(expression, separator)) }}
{%- endmacro %}
{% macro default__text_split(expression, separator) -%}
    string_split({{ expression }}, {{ text_literal(separator) }})
{%- endmacro %}
{% macro spark__text_split(expression, separator) -%}
    split({{ expression }}, {{ text_literal(separator) }})
{%- endmacro %}

{#- From here on a join keeps the rows of its right side at hand, however many there seem to be; for the hooks of a model. -#}
{% macro joins_as_written() -%}
    {{ return(adapter.dispatch('joins_as_written', 'prospects')()) }}
{%- endmacro %}
{% macro default__joins_as_written() -%}
    set disabled_optimizers = 'build_side_probe_side'
{%- endmacro %}
{% macro spark__joins_as_written() -%}
{%- endmacro %}

{#- From here on it keeps those of the side that seems to have fewer, as engines do. -#}
{% macro joins_as_estimated() -%}
    {{ return(adapter.dispatch('joins_as_estimated', 'prospects')()) }}
{%- endmacro %}
{% macro default__joins_as_estimated() -%}
    reset disabled_optimizers
{%- endmacro %}
{% macro spark__joins_as_estimated() -%}
{%- endmacro %}
