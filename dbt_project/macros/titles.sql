{#- The rules of the seed title_rules that read one thing of a title, in their order. What a macro makes of them is
    fixed when a model is compiled, since a pattern that comes from a row is compiled again for each row. -#}
{% macro title_rules(thing) -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {#- By its name, not by ref(): in a unit test that would be the fixture. -#}
    {%- set relation = adapter.get_relation(target.database, generate_schema_name('seeds', none), 'title_rules') -%}
    {#- Not there where nothing is run, as by the linter. -#}
    {%- if relation is none -%}{{ return([]) }}{%- endif -%}
    {{ return(run_query("select position, pattern from " ~ relation ~ " where " ~ thing ~ " is not null order by position").rows) }}
{%- endmacro %}

{#- The position of the first rule whose pattern stands among the words as whole words; null where none does. -#}
{% macro first_title_rule(words, rules) -%}
    {%- if not rules -%}cast(null as integer){%- else -%}
    case
    {%- for position, pattern in rules %}
        when {{ matches(words, "(?:^| )(?:" ~ pattern ~ ")(?: |$)") }} then {{ position }}
    {%- endfor %}
    end
    {%- endif -%}
{%- endmacro %}
