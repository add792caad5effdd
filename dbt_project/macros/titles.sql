{#- Ordered rules over padded title words: the first that applies wins. -#}

{% macro first_mentioned(words_expression, rules) -%}
    case
    {%- for value, phrases in rules %}
        when {{ title_mentions_any(words_expression, phrases) }} then '{{ value }}'
    {%- endfor %}
    end
{%- endmacro %}

{% macro assistant_titles() -%}
    {{ return([
        'assistant to', 'assistant chief', 'assistant cfo', 'executive assistant', 'personal assistant', 'office assistant',
        'assistentin', 'assistenz', 'intern', 'trainee', 'werkstudent',
    ]) }}
{%- endmacro %}

{% macro is_assistant(words_expression) -%}
    {{ return(title_mentions_any(words_expression, assistant_titles())) }}
{%- endmacro %}

{% macro seniority_of(words_expression) -%}
    {{ first_mentioned(words_expression, [
        ('assistant', assistant_titles()),
        ('vice_president', ['vice president']),
        ('c_level', ['chief', 'c level', 'cxo', 'c suite', 'executive', 'president', 'geschäftsführer', 'directeur général', 'managing director', 'founder', 'owner', 'vorstand', 'daf']),
        ('director', ['director', 'directeur', 'directrice', 'leiter', 'leiterin', 'directora']),
        ('head', ['head', 'bereichsleiter', 'responsable']),
        ('manager', ['manager', 'controller', 'lead', 'team lead', 'supervisor']),
        ('senior', ['senior', 'principal', 'staff']),
        ('specialist', ['analyst', 'accountant', 'specialist', 'engineer', 'consultant', 'buchhalter', 'comptable', 'contable']),
    ]) }}
{%- endmacro %}

{% macro department_of(words_expression) -%}
    {{ first_mentioned(words_expression, [
        ('finance', ['finance', 'financial', 'accounting', 'accountant', 'controller', 'controlling', 'treasury', 'treasurer', 'audit', 'tax', 'consolidation', 'finanzen', 'buchhaltung', 'rechnungswesen', 'financier', 'comptable', 'contabilidad', 'daf']),
        ('information_technology', ['information technology', 'information officer', 'technology', 'systems', 'erp', 'data', 'informatik', 'informatique']),
        ('operations', ['operations', 'operating', 'supply chain', 'logistics', 'procurement']),
        ('human_resources', ['human resources', 'people', 'talent', 'hr', 'personal']),
        ('sales', ['sales', 'revenue', 'account executive', 'business development', 'vertrieb']),
        ('marketing', ['marketing', 'brand', 'communications']),
        ('general_management', ['chief executive', 'managing director', 'general manager', 'founder', 'owner', 'geschäftsführer']),
    ]) }}
{%- endmacro %}
