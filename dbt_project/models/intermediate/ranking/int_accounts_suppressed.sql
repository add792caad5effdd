-- One row per account that must not be listed, with the first rule that says so.
-- do_not_contact and manual hold in their newest state whatever the week; the business rules hold as of the week.
{%- set suppress = var('ranking').suppress %}
{%- set business = [] %}
{%- for rule in ['customer', 'competitor', 'partner'] if suppress.get(rule) %}{% do business.append(rule) %}{% endfor %}
with

always as (

    select * from {{ ref('stg_latest_suppressions') }}
    where reason in ('do_not_contact', 'manual')

),

as_of_week as (

    select
        source,
        key_kind,
        key,
        reason,
        until_date,
        is_known_later
    from {{ ref('stg_suppressions') }}
    where reason in ({{ text_list(business) if business else "''" }})

),

keys as (

    select source, key_kind, key, reason, until_date, false as is_known_later from always
    union all
    select source, key_kind, key, reason, until_date, is_known_later from as_of_week

),

in_force as (

    select * from keys
    where until_date is null or until_date >= {{ list_week() }}

),

company_keys as (

    -- A source names its own companies by id, and those of another as `source:id`.
    select source || ':' || key as record_id, reason, source, is_known_later from in_force
    where key_kind = 'company_id'
    union all
    select key as record_id, reason, source, is_known_later from in_force
    where key_kind = 'company_id'

),

by_company as (

    select
        records.account_id,
        company_keys.reason,
        company_keys.source,
        cast(null as date) as since_date,
        company_keys.is_known_later
    from company_keys
    inner join {{ ref('int_records_identified') }} as records on company_keys.record_id = records.record_id

),

by_domain as (

    select
        records.account_id,
        in_force.reason,
        in_force.source,
        cast(null as date) as since_date,
        in_force.is_known_later
    from in_force
    inner join {{ ref('int_company_records') }} as keys on in_force.key = keys.domain
    inner join {{ ref('int_records_identified') }} as records on keys.record_id = records.record_id
    where in_force.key_kind = 'domain'

),

by_deal as (

    {% if suppress.get('customer') -%}
    select account_id, 'customer' as reason, won_deal_source as source, cast(null as date) as since_date, is_known_later
    from {{ ref('int_accounts_dealt') }}
    where won_deal_source is not null
    union all
    {% endif -%}
    {% if suppress.get('open_opportunity') -%}
    select account_id, 'open_opportunity' as reason, open_deal_source as source, cast(null as date) as since_date, is_known_later
    from {{ ref('int_accounts_dealt') }}
    where open_deal_source is not null
    union all
    {% endif -%}
    select account_id, 'recently_lost' as reason, last_lost_source as source, last_lost_date as since_date, is_known_later
    from {{ ref('int_accounts_dealt') }}
    where {{ days_between('last_lost_date', list_week()) }} between 0 and {{ (suppress.get('recently_lost') or {'days': -1}).days | int }}

),

found as (

    select account_id, reason, source, since_date, is_known_later from by_company
    union all
    select account_id, reason, source, since_date, is_known_later from by_domain
    union all
    select account_id, reason, source, since_date, is_known_later from by_deal

),

ordered as (

    select
        account_id,
        reason,
        source,
        since_date,
        is_known_later,
        case reason
            when 'do_not_contact' then 1
            when 'manual' then 2
            when 'customer' then 3
            when 'competitor' then 4
            when 'partner' then 5
            when 'open_opportunity' then 6
            else 7
        end as precedence
    from found

)

select
    account_id,
    reason as suppression,
    source as suppression_source,
    since_date as suppressed_since,
    is_known_later
from ordered
qualify row_number() over (partition by account_id order by precedence, source) = 1
