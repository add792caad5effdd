{#- What the company itself was, kept for each published week; what happened is dated, and can be counted as of any day. -#}
{% macro fact_columns() -%}
    {{ return([
        'name', 'country', 'region', 'city', 'industry', 'industry_code', 'employees', 'revenue_usd', 'founded_year',
        'ownership', 'legal_form', 'status', 'attributes', 'subsidiaries', 'subsidiaries_added_24_months', 'sites',
        'depth_under_parent', 'has_parent', 'technologies', 'is_listed', 'is_regulated',
    ]) }}
{%- endmacro %}
