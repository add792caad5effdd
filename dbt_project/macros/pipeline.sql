{#- Open deals beside what is usual, and small numbers treated as small. -#}

{#- The attribute of a deal that holds the day on which it first came into a stage. -#}
{% macro entered_key(stage) -%}
    'entered_' || lower({{ replace_pattern(stage, '[^\\p{L}\\p{N}]+', '_') }})
{%- endmacro %}

{% macro enough_deals() -%}
    {{ return(var('pipeline').enough_deals | int) }}
{%- endmacro %}

{% macro has_enough(deals) -%}
    {{ deals }} >= {{ enough_deals() }}
{%- endmacro %}

{#- "3 of the 10 needed" -#}
{% macro too_few(deals) -%}
    cast({{ deals }} as string) || ' of the {{ enough_deals() }} needed'
{%- endmacro %}

{% macro share_pct(part, whole) -%}
    cast(round(100e0 * {{ part }} / nullif({{ whole }}, 0), 2) as decimal(5, 2))
{%- endmacro %}

{#- -1 where the share of one group is clearly under that of another, 1 where it is clearly over, else 0: whether 0 lies
    in the 95 % interval of their difference (Newcombe's, from the ends of both Wilson intervals). -#}
{% macro clear_difference(share, low, high, other_share, other_low, other_high) -%}
    {%- set difference = "(" ~ share ~ " - " ~ other_share ~ ")" -%}
    case
        when cast({{ difference }} as double) + sqrt(power({{ high }} - {{ share }}, 2) + power({{ other_share }} - {{ other_low }}, 2)) < 0 then -1
        when cast({{ difference }} as double) - sqrt(power({{ share }} - {{ low }}, 2) + power({{ other_high }} - {{ other_share }}, 2)) > 0 then 1
        else 0
    end
{%- endmacro %}

{#- An end of Wilson's interval, in which a share lies with 95 %: `side` is -1 for the lower one, 1 for the upper. -#}
{% macro wilson_pct(part, whole, side) -%}
    {%- set z = 1.959964 -%}
    {%- set share = "(1e0 * " ~ part ~ " / nullif(" ~ whole ~ ", 0))" -%}
    cast(round(100e0 * (
        {{ share }} + {{ number_literal(z * z / 2) }} / {{ whole }}
        + {{ number_literal(side * z) }} * sqrt({{ share }} * (1e0 - {{ share }}) / {{ whole }} + {{ number_literal(z * z / 4) }} / {{ whole }} / {{ whole }})
    ) / (1e0 + {{ number_literal(z * z) }} / {{ whole }}), 2) as decimal(5, 2))
{%- endmacro %}
