-- One row per known signal of an account: by company id, else domain, else CIK, else LEI, else name and country.
-- An opening that was posted more than once is one signal, as old as its first posting.
-- A signal that names no country is an account's when no other account in any country goes by that name.
-- Words are only made of signals that something looks for words in.
{#- Signals outnumber what they are looked up in, whatever an estimate says: kept at hand, they outgrow the memory. -#}
{{ config(pre_hook="{{ joins_as_written() }}", post_hook="{{ joins_as_estimated() }}") }}
{%- set kinds_read = ['job_posting'] %}
{%- for issue in criteria_rows('issue', 'issue') %}
{%- for evidence in issue.evidence if evidence.words and evidence.kind not in kinds_read %}{% do kinds_read.append(evidence.kind) %}{% endfor %}
{%- endfor %}
with

signals as (

    select * from {{ ref('int_signals_known') }}

),

repeated as (

    select * from {{ ref('int_postings_repeated') }}

),

records as (

    select * from {{ ref('int_records_identified') }}

),

keyed as (

    select
        records.account_id,
        keys.name_key,
        keys.country,
        keys.cik,
        keys.lei
    from {{ ref('int_company_records') }} as keys
    inner join records on keys.record_id = records.record_id

),

-- Only domains and names that a signal goes by are worth keeping at hand.
domains_wanted as (

    select distinct domain from {{ ref('int_signals_known') }}
    where domain is not null

),

domains as (

    select domains.*
    from {{ ref('int_account_domains') }} as domains
    inner join domains_wanted on domains.domain = domains_wanted.domain

),

names_wanted as (

    select distinct name_key from {{ ref('int_signals_known') }}
    where name_key is not null

),

ciks as (

    select
        cik,
        min(account_id) as account_id
    from keyed
    where cik is not null
    group by cik
    having min(account_id) = max(account_id)

),

leis as (

    select
        lei,
        min(account_id) as account_id
    from keyed
    where lei is not null
    group by lei
    having min(account_id) = max(account_id)

),

names as (

    select
        keyed.name_key,
        keyed.country,
        min(keyed.account_id) as account_id
    from keyed
    inner join names_wanted on keyed.name_key = names_wanted.name_key
    where keyed.country is not null
    group by keyed.name_key, keyed.country
    having min(keyed.account_id) = max(keyed.account_id)

),

lone_names as (

    select
        keyed.name_key,
        min(keyed.account_id) as account_id
    from keyed
    inner join names_wanted on keyed.name_key = names_wanted.name_key
    group by keyed.name_key
    having min(keyed.account_id) = max(keyed.account_id)

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
        coalesce(repeated.occurred_at, signals.occurred_at) as occurred_at,
        coalesce(repeated.known_at, signals.known_at) as known_at,
        greatest({{ days_between('coalesce(repeated.occurred_at, signals.occurred_at)', list_week()) }}, 0) as age_days,
        coalesce(repeated.first_seen_week, signals.first_seen_week) as first_seen_week,
        signals.last_seen_week,
        coalesce(repeated.is_dated, signals.is_dated) as is_dated,
        signals.url,
        signals.is_known_later
    from signals
    left join repeated on signals.signal_id = repeated.signal_id
    left join records on signals.record_id = records.record_id
    left join domains on signals.domain = domains.domain
    left join ciks on signals.cik = ciks.cik
    left join leis on signals.lei = leis.lei
    left join names on signals.name_key = names.name_key and signals.country = names.country
    left join lone_names on case when signals.country is null then signals.name_key end = lone_names.name_key
    where repeated.signal_id is null or repeated.is_newest

)

select * from attributed
where account_id is not null
