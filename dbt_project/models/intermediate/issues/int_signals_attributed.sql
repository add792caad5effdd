-- One row per known signal of an account: by company id, else domain, else CIK, else LEI, else name and country.
-- A signal that names no country is an account's when no other account in any country goes by that name.
-- Words are only made of signals that something looks for words in.
{%- set kinds_read = ['job_posting'] %}
{%- for issue in criteria_rows('issue', 'issue') %}
{%- for evidence in issue.evidence if evidence.words and evidence.kind not in kinds_read %}{% do kinds_read.append(evidence.kind) %}{% endfor %}
{%- endfor %}
with

signals as (

    select * from {{ ref('int_signals_known') }}

),

records as (

    select * from {{ ref('int_records_identified') }}

),

domains as (

    select * from {{ ref('int_account_domains') }}

),

-- Only names that a signal goes by are worth grouping.
names_wanted as (

    select distinct name_key from signals
    where name_key is not null

),

ciks as (

    select
        cik,
        min(account_id) as account_id
    from records
    where cik is not null
    group by cik
    having count(distinct account_id) = 1

),

leis as (

    select
        lei,
        min(account_id) as account_id
    from records
    where lei is not null
    group by lei
    having count(distinct account_id) = 1

),

names as (

    select
        keys.name_key,
        keys.country,
        min(records.account_id) as account_id
    from {{ ref('int_company_records') }} as keys
    inner join names_wanted on keys.name_key = names_wanted.name_key
    inner join records on keys.record_id = records.record_id
    where keys.country is not null
    group by keys.name_key, keys.country
    having count(distinct records.account_id) = 1

),

lone_names as (

    select
        keys.name_key,
        min(records.account_id) as account_id
    from {{ ref('int_company_records') }} as keys
    inner join names_wanted on keys.name_key = names_wanted.name_key
    inner join records on keys.record_id = records.record_id
    group by keys.name_key
    having count(distinct records.account_id) = 1

),

attributed as (

    select
        signals.signal_id,
        coalesce(
            records.account_id, domains.account_id, ciks.account_id, leis.account_id, names.account_id, lone_names.account_id
        ) as account_id,
        signals.source,
        signals.kind,
        signals.topic,
        signals.title,
        case
            when signals.kind in ({{ text_list(kinds_read) }}) and (signals.text is not null or signals.title is not null)
                then {{ words("coalesce(signals.title, '') || ' ' || coalesce(signals.text, '')") }}
        end as signal_words,
        signals.strength,
        signals.occurred_at,
        signals.known_at,
        greatest({{ days_between('signals.occurred_at', list_week()) }}, 0) as age_days,
        signals.url,
        signals.is_known_later
    from signals
    left join records on signals.record_id = records.record_id
    left join domains on signals.domain = domains.domain
    left join ciks on signals.cik = ciks.cik
    left join leis on signals.lei = leis.lei
    left join names on signals.name_key = names.name_key and signals.country = names.country
    left join lone_names on case when signals.country is null then signals.name_key end = lone_names.name_key

)

select * from attributed
where account_id is not null
