-- One row per account: everything that a criterion may look at, side by side.
-- A count is 0 only where something of its kind has landed at all; otherwise nobody looked, and it is unknown.
{%- set mastered = mastered_columns() %}
with

accounts as (

    select * from {{ ref('int_accounts_mastered') }}

),

attributes as (

    select * from {{ ref('int_attributes_mastered') }}

),

parents as (

    select * from {{ ref('int_account_parents') }}

),

structured as (

    select * from {{ ref('int_accounts_structured') }}

),

signalled as (

    select * from {{ ref('int_accounts_signalled') }}

),

technologies as (

    select * from {{ ref('int_technologies_named') }}

),

dealt as (

    select * from {{ ref('int_accounts_dealt') }}

),

contradicted as (

    select
        account_id,
        count(*) as contradictions
    from {{ ref('int_values_contradicted') }}
    group by account_id

),

regulated as (

    select industries.industry
    from (select distinct industry from {{ ref('stg_companies') }}) as industries
    inner join {{ ref('regulated_industries') }} as regulated on trim({{ words('industries.industry') }}) = regulated.industry

),

looked as (

    select
        max(case when kind in ('topic_surge', 'research') then 0 end) as research,
        max(case when kind = 'web_visit' then 0 end) as visits
    from {{ ref('int_signals_attributed') }}

),

looked_elsewhere as (

    select
        (select max(0) from {{ ref('int_deals_attributed') }}) as deals,
        (select max(0) from {{ ref('stg_company_relationships') }}) as relationships

),

joined as (

    select
        accounts.account_id,
        {%- for column in mastered %}
        accounts.{{ column }},
        {%- endfor %}
        accounts.employees_low,
        accounts.employees_high,
        parents.parent_account_id,
        coalesce(parents.ultimate_parent_account_id, accounts.account_id) as ultimate_parent_account_id,
        attributes.attributes,
        attributes.attribute_sources,

        case when looked_elsewhere.relationships = 0 then structured.subsidiaries end as subsidiaries,
        case
            when looked_elsewhere.relationships = 0 then structured.subsidiaries_added_24_months
        end as subsidiaries_added_24_months,
        structured.sites,
        coalesce(parents.depth_under_parent, looked_elsewhere.relationships) as depth_under_parent,
        case when looked_elsewhere.relationships = 0 then parents.parent_account_id is not null end as has_parent,
        technologies.technologies,
        case
            when accounts.ownership is not null then lower(accounts.ownership) in ('public', 'listed')
        end as is_listed,
        case when accounts.industry is not null then regulated.industry is not null end as is_regulated,

        -- of what happened
        {{ signalled_attributes('looked.research = 0', 'looked.visits = 0') }},
        coalesce(dealt.past_deals, looked_elsewhere.deals) as past_deals,
        dealt.past_deal_days,
        dealt.last_deal_closed_date,

        {%- for column in mastered %}
        accounts.{{ column }}_source,
        accounts.{{ column }}_date,
        {%- endfor %}
        accounts.company_records,
        coalesce(contradicted.contradictions, 0) as contradictions,
        accounts.is_known_later
            or coalesce(signalled.is_known_later, false)
            or coalesce(dealt.is_known_later, false)
            or coalesce(parents.is_known_later, false) as is_known_later
    from accounts
    cross join looked
    cross join looked_elsewhere
    left join attributes on accounts.account_id = attributes.account_id
    left join parents on accounts.account_id = parents.account_id
    left join structured on accounts.account_id = structured.account_id
    left join signalled on accounts.account_id = signalled.account_id
    left join technologies on accounts.account_id = technologies.account_id
    left join dealt on accounts.account_id = dealt.account_id
    left join contradicted on accounts.account_id = contradicted.account_id
    left join regulated on accounts.industry = regulated.industry

)

select * from joined
