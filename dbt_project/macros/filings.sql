{#- Which filings count as what; their topics are told in ingest/eight_k.py, what they are for in docs/attributes.md. -#}
{% macro is_filing_of(event) -%}
    {%- set topics = {
        'acquisition': ['acquisition or disposal completed'],
        'bankruptcy': ['bankruptcy'],
        'executive change': ['executive or director change'],
        'incident': ['cybersecurity incident', 'debt called in', 'restatement'],
    } -%}
    kind = 'filing' and topic in ({{ text_list(topics[event]) }})
{%- endmacro %}

{#- Money raised anew: neither more of an offering that has begun already, nor one of which nothing is sold yet. -#}
{% macro is_round_of_funding() -%}
    kind = 'funding' and coalesce(topic, '') not in ('private placement continued', 'private placement offered')
{%- endmacro %}
