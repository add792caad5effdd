"""The measured list by hand: the yardstick that the pipeline's speed is held against.

    python -m tests.benchmarks.reference HOME WEEK OUT [--threads 2] [--memory-limit 4GB]

One DuckDB script from the landed batches of a home to the marts a reader needs, as a DuckDB file
and as Parquet: all accounts with scores and outcome, contacts, signals, the ranked list and its
reasons, each with every column of the pipeline's and the same values, as `equal.py` demands. Only
`publish_id` is its own, and rows stay in the order in which they come. What
`perfect_customer.yml` says stands here as SQL. Prints one line of JSON: the seconds of each phase
and the peak of resident memory. What is only carried over (signals, most columns of accounts) goes
from Parquet into the file without a stop, and scores are made of accounts as they stand there; both
belong to `write_duckdb`.

It is as fast as we can make it and keeps to every rule of docs/method.md that the benchmark's
market can touch. What it is not: a second pipeline. It knows

- one document, and one source (`market`) with one batch per table, none of a later week, and one
  record per company; so nothing is known later and nothing contradicts;
- that it is the first list, on which each account is new;
- that each contact, signal and deal bears the key of a company with a record;
- of signals, that no two postings have one text, and that none is known before its day;
- from sources.yml which columns there are: of staff a number and never a band.

So it resolves no identities, reads no history and no verdicts, and tests nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

TABLES = ("companies", "company_relationships", "contacts", "deals", "signals", "suppressions")

MARTS = (
    "signals",
    "account_scores",
    "contacts",
    "accounts",
    "target_account_reasons",
    "target_accounts",
)
"""The largest first, so that none is left to end alone."""

SEEDS = Path("dbt_project/seeds")

STORAGE_VERSION = "v1.0.0"
"""As the pipeline publishes: any DuckDB from 1.0 on reads it."""

PARQUET = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 1000"
"""Of what was tried the fastest, as the pipeline's; its files are no larger."""

# A timestamp with time zone becomes one without by its microseconds, which are UTC: a cast would
# ask the calendar for each row.
MACROS = r"""
create macro utc(moment) as make_timestamp(epoch_us(moment));

-- Punctuation but + and #, with spaces around it, or several spaces. Single ones stay: a pattern
-- that seldom matches is fast.
create macro words(said) as
    ' ' || lower(said).regexp_replace(
        '[!"$-*,-/:-?\[\]-`{-~][ !"$-*,-/:-?\[\]-`{-~]*| [ !"$-*,-/:-?\[\]-`{-~]+', ' ', 'g'
    ).trim() || ' ';

create macro title_words(said) as
    words(said)
        .replace(' cfo ', ' chief financial officer ')
        .replace(' ceo ', ' chief executive officer ')
        .replace(' coo ', ' chief operating officer ')
        .replace(' cio ', ' chief information officer ')
        .replace(' cto ', ' chief technology officer ')
        .replace(' cao ', ' chief accounting officer ')
        .replace(' cmo ', ' chief marketing officer ')
        .replace(' cro ', ' chief revenue officer ')
        .replace(' svp ', ' senior vice president ')
        .replace(' evp ', ' executive vice president ')
        .replace(' avp ', ' assistant vice president ')
        .replace(' vp ', ' vice president ')
        .replace(' md ', ' managing director ')
        .replace(' gm ', ' general manager ')
        .replace(' sr ', ' senior ')
        .replace(' jr ', ' junior ')
        .replace(' dir ', ' director ')
        .replace(' mgr ', ' manager ')
        .replace(' fp a ', ' financial planning analysis ')
        .replace(' it ', ' information technology ')
        .replace(' of ', ' ').replace(' the ', ' ').replace(' and ', ' ').replace(' for ', ' ');

create macro mentions(padded, phrases) as
    coalesce(regexp_matches(padded, ' (' || phrases || ') '), false);

create macro number_of(said) as
    case when abs(try_cast(said as double)) <= 1e300 then try_cast(said as double) end;

create macro reason(leg, reason_id, points, evidence_id) as struct_pack(
    leg := leg,
    reason_id := reason_id,
    points := cast(points as decimal(9, 4)),
    evidence_id := cast(evidence_id as varchar)
);

create macro without_nulls(items) as list_filter(items, lambda item: item is not null);

create macro score_under(score, minimum) as
    case when cast(score as decimal(9, 1)) < minimum
    then cast(cast(score as decimal(9, 1)) as varchar)
    else cast(cast(score as decimal(9, 2)) as varchar) end;
"""

# One row per company, slim: what other tables find their account by, and where it sits.
KEYS = """
create table keys as
select
    source_company_id,
    'acc_' || left(md5('market:' || source_company_id), 16) as account_id,
    domain,
    lower(city) || ', ' || coalesce(country, '') as site,
    phone is not null as has_phone
from landed_companies
"""

# One row per account in a family; the market's owners never stand in a ring.
FAMILIES = """
create table families as
with recursive related as (

    select child.account_id, parent.account_id as parent_account_id, relationships.since_date
    from keys as parent
    inner join (
        keys as child
        inner join landed_company_relationships as relationships
            on child.source_company_id = relationships.child_source_company_id
    ) on parent.source_company_id = relationships.parent_source_company_id
    where
        child.account_id <> parent.account_id
        and (relationships.since_date is null or relationships.since_date <= week())

),

parents as (

    select account_id, min(parent_account_id) as parent_account_id
    from related
    group by account_id

),

ancestors as (

    select account_id, parent_account_id as ancestor_account_id, 1 as levels
    from parents
    union all
    select ancestors.account_id, parents.parent_account_id, ancestors.levels + 1
    from ancestors
    inner join parents on ancestors.ancestor_account_id = parents.account_id
    where ancestors.levels < 32

),

climbed as (

    select
        account_id,
        arg_min(ancestor_account_id, levels) as parent_account_id,
        arg_max(ancestor_account_id, levels) as ultimate_parent_account_id,
        cast(max(levels) as bigint) as depth_under_parent
    from ancestors
    group by account_id

),

members as (

    select ancestor_account_id as account_id, account_id as member_account_id
    from ancestors
    union all
    select distinct ancestor_account_id, ancestor_account_id
    from ancestors

),

counted as (

    select
        members.account_id,
        count(*) - 1 as subsidiaries,
        nullif(count(distinct keys.site), 0) as sites
    from keys
    inner join members on keys.account_id = members.member_account_id
    group by members.account_id

),

added as (

    select
        parent_account_id as account_id,
        count(distinct account_id) as subsidiaries_added_24_months
    from related
    where week() - since_date <= 730
    group by parent_account_id

)

from climbed
full outer join counted using (account_id)
full outer join added using (account_id)
"""

# One row per company with signals. By this document a signal is evidence of at most one kind: 1 to
# 3 for slow_close, 4 and 5 for growth. What pages and headlines say is found out once per distinct
# one; each posting has a text of its own. Signals lie sorted by their key, so that of equal weights
# the first has the smallest id; a weight is under 2 ^ 30 billionths, and a batch holds fewer than
# 2 ^ 33 rows.
HEARD = """
create table heard as
with known as not materialized (

    select
        source_company_id,
        source_signal_id,
        file_row_number,
        kind,
        lower(topic) as topic,
        title,
        text,
        coalesce(strength, 1e0) as strength,
        coalesce(occurred_at, known_at) is not null as is_dated,
        cast(coalesce(utc(occurred_at), utc(known_at), first_seen()) as date) as occurred_date,
        greatest(week() - occurred_date, 0) as age_days
    from landed_signals
    where known_at is null or known_at <= week_start()

),

postings as materialized (

    select
        source_company_id,
        source_signal_id,
        file_row_number,
        strength,
        is_dated,
        occurred_date,
        age_days,
        words(coalesce(title, '') || ' ' || coalesce(text, '')) as padded
    from known
    where kind = 'job_posting'

),

telling as (

    select
        kind,
        title,
        text,
        case
            when kind = 'web_visit' and mentions(padded, 'financial close') then 3
            when kind = 'news' and mentions(padded, 'acquires|expands') then 5
        end as evidence
    from (
        select *, words(coalesce(title, '') || ' ' || coalesce(text, '')) as padded
        from (select distinct kind, title, text from known where kind in ('web_visit', 'news'))
    )
    where evidence is not null

),

matched as (

    select
        source_company_id,
        source_signal_id,
        file_row_number,
        strength,
        age_days,
        case
            when topic in ('financial close', 'month end close') then 1
            when topic in ('financial consolidation', 'erp migration') then 4
        end as evidence
    from known
    where kind = 'topic_surge' and evidence is not null
    union all
    select
        source_company_id,
        source_signal_id,
        file_row_number,
        strength,
        age_days,
        2 as evidence
    from postings
    where mentions(padded, 'month end|consolidation')
    union all
    select
        known.source_company_id,
        known.source_signal_id,
        known.file_row_number,
        known.strength,
        known.age_days,
        telling.evidence
    from known
    inner join telling
        on known.kind = telling.kind
        and known.title is not distinct from telling.title
        and known.text is not distinct from telling.text

),

weighed as (

    select
        *,
        cast(case evidence
            when 1 then 0.6e0 * strength * power(0.5e0, age_days / 30e0)
            when 2 then 0.6e0 * strength * power(0.5e0, age_days / 45e0)
            when 3 then 0.3e0 * strength * power(0.5e0, age_days / 21e0)
            when 4 then 0.5e0 * strength * power(0.5e0, age_days / 30e0)
            when 5 then 0.5e0 * strength * power(0.5e0, age_days / 90e0)
        end as decimal(18, 9)) as weight,
        cast(weight * 1000000000 as bigint) * 8589934592 - file_row_number as strongest
    from matched

),

summed as (

    select
        source_company_id,
        coalesce(sum(weight) filter (where evidence = 1), 0) as close_researched,
        coalesce(sum(weight) filter (where evidence = 2), 0) as close_posted,
        coalesce(sum(weight) filter (where evidence = 3), 0) as close_visited,
        coalesce(sum(weight) filter (where evidence >= 4), 0) as growth,
        arg_max(source_signal_id, strongest) filter (where evidence <= 3 and weight > 0)
            as close_signal,
        arg_max(source_signal_id, strongest) filter (where evidence >= 4 and weight > 0)
            as growth_signal
    from weighed
    group by source_company_id

),

heated as (

    select
        source_company_id,
        least(1e0, cast(close_researched + close_posted + close_visited as double))
            * least(1e0, (
                cast(close_researched > 0 as integer) + cast(close_posted > 0 as integer)
                + cast(close_visited > 0 as integer)
            ) / 2e0) as heat_slow_close,
        least(1e0, cast(growth as double)) as heat_growth,
        close_signal,
        growth_signal
    from summed

),

counted as (

    select
        source_company_id,
        max(occurred_date) as newest_signal_date,
        count(*) filter (where kind = 'web_visit' and age_days < 90) as visits_90_days
    from known
    group by source_company_id

),

researched as (

    select
        source_company_id,
        count(topic) as topics_researched_90_days,
        sum(strength) as research_intensity,
        bit_count(bit_or(weeks)) as research_weeks_12
    from (
        select
            source_company_id,
            topic,
            sum(cast(strength as decimal(18, 9))) filter (where age_days < 28) as strength,
            -- A bit for each calendar week, the first for that of the list's Monday.
            bit_or(1 << ((age_days + 6) // 7)) filter (where age_days < 84) as weeks
        from known
        where kind in ('topic_surge', 'research') and age_days < 90
        group by source_company_id, topic
    )
    group by source_company_id

),

hiring as (

    select
        source_company_id,
        count(*) as postings,
        count(*) filter (where age_days < 28) as openings_28_days,
        count(*) filter (where age_days between 28 and 111) as openings_baseline,
        count(*) filter (where age_days < 90 and mentions(
            padded,
            'finance|accounting|accountant|controller|controlling|fp a|treasury|audit'
        )) as finance_openings_90_days,
        max(occurred_date) as last_posting_date
    from postings
    where is_dated
    group by source_company_id

),

-- A phrase is looked for only where its first word stands.
tooled as (

    select
        spoken.source_company_id,
        array_to_string(list_sort(list(distinct phrases.technology)), ', ') as technologies
    from (
        select source_company_id, padded, unnest(string_split(padded, ' ')) as word
        from postings
        where age_days < 180
    ) as spoken
    inner join (
        select technology, words(phrase) as padded, split_part(padded, ' ', 2) as word
        from technologies
    ) as phrases
        on spoken.word = phrases.word
    where contains(spoken.padded, phrases.padded)
    group by spoken.source_company_id

),

reported as (

    select
        source_company_id,
        max(occurred_date) filter (
            where kind = 'funding' and coalesce(topic, '') not in (
                'private placement continued', 'private placement offered'
            )
        ) as last_funding_date,
        max(occurred_date) filter (where kind = 'news') as last_news_date,
        count(*) filter (where kind = 'filing') as filings,
        count(*) filter (
            where kind = 'filing' and topic = 'acquisition or disposal completed'
            and age_days <= 730
        ) as acquisitions_24_months,
        count(*) filter (
            where kind = 'filing'
            and topic in ('cybersecurity incident', 'debt called in', 'restatement')
            and age_days <= 365
        ) as incidents_12_months,
        max(occurred_date) filter (
            where kind = 'filing' and topic = 'executive or director change'
        ) as last_executive_change_date,
        max(occurred_date) filter (where kind = 'filing' and topic = 'bankruptcy')
            as last_bankruptcy_date
    from known
    where kind in ('funding', 'news', 'filing')
    group by source_company_id

)

select
    counted.source_company_id,
    counted.newest_signal_date,
    counted.visits_90_days,
    researched.topics_researched_90_days,
    cast(researched.research_intensity as double) as research_intensity,
    cast(researched.research_weeks_12 as bigint) as research_weeks_12,
    hiring.openings_28_days,
    hiring.openings_28_days / 4e0 / (greatest(hiring.openings_baseline, 1) / 12e0)
        as openings_ratio,
    hiring.finance_openings_90_days,
    hiring.last_posting_date,
    tooled.technologies,
    reported.last_funding_date,
    reported.last_news_date,
    case when reported.filings > 0 then reported.acquisitions_24_months end
        as acquisitions_24_months,
    case when reported.filings > 0 then reported.incidents_12_months end as incidents_12_months,
    reported.last_executive_change_date,
    reported.last_bankruptcy_date,
    heated.heat_slow_close,
    heated.heat_growth,
    heated.close_signal,
    heated.growth_signal
from counted
left join researched on counted.source_company_id = researched.source_company_id
left join hiring on counted.source_company_id = hiring.source_company_id
left join tooled on counted.source_company_id = tooled.source_company_id
left join reported on counted.source_company_id = reported.source_company_id
left join heated on counted.source_company_id = heated.source_company_id
"""

# One row per contactable person, once each, with what each distinct position comes to. Whoever
# opted out, or is kept from contact by key, is nobody; nor is who shares their address or profile.
PEOPLE = """
create table people as
with suppressed as (

    select key_kind, lower(trim(key)) as address, key, reason
    from landed_suppressions
    where until_date is null or until_date >= week()

),

silent as (

    select lower(email) as email, profile_url
    from landed_contacts
    where is_opted_out or is_do_not_call

),

silent_emails as (

    select email from silent where email is not null
    union
    select address as email from suppressed where key_kind = 'email'

),

silent_hashes as (

    select distinct address as email_sha256 from suppressed where key_kind = 'email_sha256'

),

silent_profiles as (

    select distinct profile_url from silent where profile_url is not null

),

silent_domains as (

    select distinct key as email_domain
    from suppressed
    where key_kind = 'domain' and reason in ('do_not_contact', 'manual')

),

addressed as (

    select
        source_contact_id,
        source_company_id,
        full_name,
        title,
        department,
        seniority,
        lower(email) as email,
        email_domain,
        phone,
        profile_url
    from landed_contacts
    where not coalesce(is_opted_out, false) and not coalesce(is_do_not_call, false)

),

allowed as not materialized (

    from addressed
    anti join silent_emails on addressed.email = silent_emails.email
    anti join silent_profiles on addressed.profile_url = silent_profiles.profile_url
    anti join silent_hashes on sha256(addressed.email) = silent_hashes.email_sha256
    anti join silent_domains on addressed.email_domain = silent_domains.email_domain

),

-- In steps, since what a rule is given is written out for each of its patterns.
worded as (

    select
        *,
        title_words(title) as padded,
        trim(padded) as title_said,
        trim(title_words(department)) as department_said,
        trim(title_words(seniority)) as seniority_said
    from (select distinct title, department, seniority from landed_contacts)

),

read as (

    select
        *,
        held_of(title_said) is distinct from 'false' as is_held,
        department_of(title_said) as title_department,
        seniority_of(title_said) as title_seniority,
        department_of(department_said) as said_department,
        seniority_of(seniority_said) as said_seniority
    from worded

),

positions as (

    select
        title,
        department,
        seniority,
        coalesce(said_department, lower(department), title_department) as department_placed,
        case
            when not is_held then title_seniority
            else coalesce(said_seniority, lower(seniority), title_seniority)
        end as seniority_placed,
        is_held and mentions(
            padded, 'chief financial officer|finance director|vice president finance'
        ) as is_finance_chief,
        is_held and mentions(padded, 'controller|head accounting') as is_close_owner,
        is_held and mentions(
            padded, 'chief information officer|information technology director'
        ) as is_systems_owner,
        without_nulls([
            case when is_finance_chief then 'finance_chief' end,
            case when is_close_owner then 'close_owner' end,
            case when is_systems_owner then 'systems_owner' end
        ]) as role_ids
    from read

)

select
    allowed.source_contact_id,
    allowed.source_company_id,
    keys.account_id,
    allowed.full_name,
    allowed.title,
    positions.department_placed as department,
    positions.seniority_placed as seniority,
    allowed.email,
    allowed.phone,
    allowed.profile_url,
    case
        when allowed.email is not null then 'email'
        when allowed.phone is not null then 'phone'
        when allowed.profile_url is not null then 'profile'
        when keys.has_phone then 'company_phone'
    end as reachable_by,
    positions.role_ids,
    ['market:' || allowed.source_contact_id] as contact_ids,
    positions.is_finance_chief,
    positions.is_close_owner,
    positions.is_systems_owner
from allowed
inner join keys on allowed.source_company_id = keys.source_company_id
inner join positions
    on allowed.title is not distinct from positions.title
    and allowed.department is not distinct from positions.department
    and allowed.seniority is not distinct from positions.seniority
"""

# One row per contact whose name others at the company have too. They are few, so that what takes
# long is done for them alone.
NAMESAKES = """
create table namesakes as
select
    contacts.source_contact_id,
    contacts.source_company_id,
    contacts.full_name,
    lower(contacts.email) as email,
    contacts.email_domain,
    contacts.profile_url
from landed_contacts as contacts
inner join (
    select source_company_id, full_name
    from landed_contacts
    group by source_company_id, full_name
    having count(*) > 1
) as repeated
    on contacts.source_company_id = repeated.source_company_id
    and contacts.full_name = repeated.full_name
"""

# One row per contact that is another's person too: by address, by profile, or by name at one
# company where no two addresses of a domain and no two profiles speak against it. Names here are
# spelled one way, and whoever shares an address has one name.
SAME_PERSON = """
create table same_person as
with recursive shared as (

    select list(source_contact_id) as ids
    from landed_contacts
    where email is not null
    group by lower(email)
    having count(*) > 1
    union all
    select list(source_contact_id) as ids
    from landed_contacts
    where profile_url is not null
    group by profile_url
    having count(*) > 1
    union all
    select list(source_contact_id) as ids
    from namesakes
    group by source_company_id, full_name
    having
        count(distinct email) <= count(distinct email_domain)
        and count(distinct profile_url) <= 1

),

pairs as (

    select distinct one, other
    from shared, unnest(ids) as ones (one), unnest(ids) as others (other)

),

reached as (

    select one, other from pairs
    union
    select reached.one, pairs.other
    from reached
    inner join pairs on reached.other = pairs.one

)

select one as source_contact_id, min(other) as first_id
from reached
group by one
"""

# Who has a name at a company that may be two people's, where one of them asked to be left alone.
SILENT = """
create table silent_people as
with silent as (

    select distinct same_person.first_id
    from people
    right join same_person on people.source_contact_id = same_person.source_contact_id
    where people.source_contact_id is null

),

doubted as (

    select source_company_id, full_name
    from namesakes
    group by source_company_id, full_name
    having
        count(distinct email) > count(distinct email_domain)
        or count(distinct profile_url) > 1

),

doubted_contacts as (

    select
        namesakes.*,
        coalesce(same_person.first_id, namesakes.source_contact_id) as first_id
    from namesakes
    inner join doubted
        on namesakes.source_company_id = doubted.source_company_id
        and namesakes.full_name = doubted.full_name
    left join same_person on namesakes.source_contact_id = same_person.source_contact_id

),

asked as (

    select doubted_contacts.*
    from people
    right join doubted_contacts
        on people.source_contact_id = doubted_contacts.source_contact_id
    left join silent on doubted_contacts.first_id = silent.first_id
    where people.source_contact_id is null or silent.first_id is not null

)

select first_id from silent
union
select doubted_contacts.first_id
from doubted_contacts
inner join asked
    on doubted_contacts.source_company_id = asked.source_company_id
    and doubted_contacts.full_name = asked.full_name
where
    not coalesce(
        doubted_contacts.email <> asked.email
        and doubted_contacts.email_domain = asked.email_domain,
        false
    )
    and not coalesce(doubted_contacts.profile_url <> asked.profile_url, false)
"""

# The first record stands for the person, with what it lacks from those of the same company.
MERGED = """
create table merged as
select
    same_person.first_id as source_contact_id,
    list_sort(list('market:' || people.source_contact_id)) as contact_ids,
    arg_min(people.email, people.source_contact_id)
        filter (where people.account_id = firsts.account_id) as email,
    arg_min(people.phone, people.source_contact_id)
        filter (where people.account_id = firsts.account_id) as phone,
    arg_min(people.profile_url, people.source_contact_id)
        filter (where people.account_id = firsts.account_id) as profile_url
from people as firsts
inner join (
    people
    inner join same_person on people.source_contact_id = same_person.source_contact_id
) on firsts.source_contact_id = same_person.first_id
group by same_person.first_id
"""

ONCE = (
    """
    delete from people
    using (
        select coalesce(same_person.source_contact_id, silent_people.first_id) as source_contact_id
        from silent_people
        left join same_person on silent_people.first_id = same_person.first_id
    ) as gone
    where people.source_contact_id = gone.source_contact_id
    """,
    MERGED,
    """
    delete from people
    using same_person
    where
        people.source_contact_id = same_person.source_contact_id
        and same_person.source_contact_id <> same_person.first_id
    """,
    """
    update people
    set
        contact_ids = merged.contact_ids,
        email = merged.email,
        phone = merged.phone,
        profile_url = merged.profile_url,
        reachable_by = case
            when merged.email is not null then 'email'
            when merged.phone is not null then 'phone'
            when merged.profile_url is not null then 'profile'
            else people.reachable_by
        end
    from merged
    where people.source_contact_id = merged.source_contact_id
    """,
)
"""One row per person, and none of whoever asked on another record."""

# One row per company with people who can be reached: how many, and who comes first in each role.
REACHED = """
create table reached as
select
    source_company_id,
    count(*) as reachable_contacts,
    min(own_first || source_contact_id) filter (where is_finance_chief) as finance_chief,
    min(own_first || source_contact_id) filter (where is_close_owner) as close_owner,
    min(own_first || source_contact_id) filter (where is_systems_owner) as systems_owner
from (
    select *, case reachable_by when 'company_phone' then '2' else '1' end as own_first
    from people
    where reachable_by is not null
)
group by source_company_id
"""

# One row per company with deals, as they stood in the week: what closed later was still open.
DEALT = """
create table dealt as
with known as (

    select
        source_company_id,
        case when closed_at > week_start() then 'open' else outcome end as outcome,
        cast(utc(created_at) as date) as created_date,
        cast(utc(closed_at) as date) as closed_date
    from landed_deals
    where created_at is null or created_at <= week_start()

)

select
    source_company_id,
    bool_or(outcome = 'won') as has_won,
    bool_or(outcome = 'open') as has_open,
    max(closed_date) filter (where outcome = 'lost') as last_lost_date,
    count(*) filter (where outcome <> 'open') as past_deals,
    median(closed_date - created_date) filter (where outcome <> 'open') as past_deal_days,
    max(closed_date) filter (where outcome <> 'open') as last_deal_closed_date
from known
group by source_company_id
"""

# One row per account that must not be listed: the rule that comes first.
SUPPRESSED = """
create table suppressed_accounts as
with in_force as (

    select
        key_kind,
        key,
        case reason
            when 'do_not_contact' then 1
            when 'manual' then 2
            when 'customer' then 3
            when 'competitor' then 4
            when 'partner' then 5
        end as precedence
    from landed_suppressions
    where until_date is null or until_date >= week()

),

found as (

    select keys.account_id, in_force.precedence, null as since_date
    from keys
    inner join in_force on keys.domain = in_force.key
    where in_force.key_kind = 'domain'
    union all
    select keys.account_id, in_force.precedence, null as since_date
    from keys
    inner join in_force
        on keys.source_company_id = regexp_replace(in_force.key, '^market:', '')
    where in_force.key_kind = 'company_id'
    union all
    select
        keys.account_id,
        case when dealt.has_won then 3 when dealt.has_open then 6 else 7 end as precedence,
        case when not (dealt.has_won or dealt.has_open) then dealt.last_lost_date end as since_date
    from keys
    inner join dealt on keys.source_company_id = dealt.source_company_id
    where dealt.has_won or dealt.has_open or week() - dealt.last_lost_date between 0 and 180

)

select
    account_id,
    min(precedence) as precedence,
    case min(precedence)
        when 1 then 'do not contact'
        when 2 then 'manual'
        when 3 then 'customer'
        when 4 then 'competitor'
        when 5 then 'partner'
        when 6 then 'open opportunity'
        else 'recently lost on ' || cast(max(since_date) as varchar)
    end || ' (says market)' as suppression
from found
group by account_id
"""

MASTERED = (
    "name",
    "domain",
    "website",
    "country",
    "region",
    "city",
    "phone",
    "industry",
    "industry_code",
    "employees",
    "revenue_usd",
    "founded_year",
    "ownership",
    "legal_form",
    "status",
    "lei",
    "cik",
)
"""The columns of accounts of which each has a source and a date beside it."""

PROVENANCE = ",\n    ".join(
    f"case when companies.{column} is not null then 'market' end as {column}_source,\n    "
    f"case when companies.{column} is not null then companies.observed_date end as {column}_date"
    for column in MASTERED
)

# Many a company has the same attributes as others, and industries are few.
ACCOUNTS = f"""
create table marts.accounts as
with companies as (

    select *, cast(utc(observed_at) as date) as observed_date
    from landed_companies

),

attribute_entries as (

    select
        attributes,
        list_sort(attributes || list_transform(
            attributes,
            lambda entry: struct_pack(key := 'market.' || entry.key, value := entry.value)
        )) as entries
    from (select distinct attributes from landed_companies where attributes is not null)

),

attribute_maps as (

    select
        attributes,
        map_from_entries(entries) as by_key,
        map_from_entries(list_transform(
            entries, lambda entry: struct_pack(key := entry.key, value := 'market')
        )) as sources
    from attribute_entries

),

-- A count is 0 only where something of its kind has landed at all: decision 4.
looked as (

    select
        bool_or(kind in ('topic_surge', 'research')) as for_research,
        bool_or(kind = 'web_visit') as for_visits,
        exists (from landed_company_relationships) as for_relationships,
        exists (from dealt) as for_deals
    from landed_signals
    where known_at is null or known_at <= week_start()

),

industries as (

    select told.industry, regulated.industry is not null as is_regulated
    from (select distinct industry from landed_companies where industry is not null) as told
    left join regulated_industries as regulated on trim(words(told.industry)) = regulated.industry

)

select
    keys.account_id,
    companies.name,
    companies.domain,
    companies.website,
    companies.country,
    companies.region,
    companies.city,
    companies.phone,
    companies.industry,
    companies.industry_code,
    companies.employees,
    companies.employees_low,
    companies.employees_high,
    companies.revenue_usd,
    companies.founded_year,
    companies.ownership,
    companies.legal_form,
    companies.status,
    companies.lei,
    companies.cik,
    families.parent_account_id,
    coalesce(families.ultimate_parent_account_id, keys.account_id) as ultimate_parent_account_id,
    attribute_maps.by_key as attributes,
    attribute_maps.sources as attribute_sources,
    case when looked.for_relationships then coalesce(families.subsidiaries, 0) end as subsidiaries,
    case when looked.for_relationships then coalesce(families.subsidiaries_added_24_months, 0) end
        as subsidiaries_added_24_months,
    heard.acquisitions_24_months,
    coalesce(families.sites, case when keys.site is not null then 1 end) as sites,
    case when looked.for_relationships then coalesce(families.depth_under_parent, 0) end
        as depth_under_parent,
    case when looked.for_relationships then families.parent_account_id is not null end
        as has_parent,
    case when looked.for_research then coalesce(heard.topics_researched_90_days, 0) end
        as topics_researched_90_days,
    case when looked.for_research then coalesce(heard.research_intensity, 0) end
        as research_intensity,
    case when looked.for_research then coalesce(heard.research_weeks_12, 0) end
        as research_weeks_12,
    case when looked.for_visits then coalesce(heard.visits_90_days, 0) end as visits_90_days,
    case when looked.for_deals then coalesce(dealt.past_deals, 0) end as past_deals,
    dealt.past_deal_days,
    dealt.last_deal_closed_date,
    heard.technologies,
    lower(companies.ownership) in ('public', 'listed') as is_listed,
    industries.is_regulated,
    heard.openings_28_days,
    heard.openings_ratio,
    heard.finance_openings_90_days,
    heard.last_posting_date,
    heard.last_funding_date,
    heard.last_news_date,
    heard.last_executive_change_date,
    heard.incidents_12_months,
    heard.last_bankruptcy_date,
    heard.newest_signal_date,
    {PROVENANCE},
    cast(1 as bigint) as company_records,
    cast(0 as bigint) as contradictions,
    false as is_known_later,
    week() as list_week,
    publish_id() as publish_id
from companies
inner join keys on companies.source_company_id = keys.source_company_id
cross join looked
left join families on keys.account_id = families.account_id
left join heard on companies.source_company_id = heard.source_company_id
left join dealt on companies.source_company_id = dealt.source_company_id
left join attribute_maps on companies.attributes = attribute_maps.attributes
left join industries on companies.industry = industries.industry
"""

# One row per account, slim: what its attributes, people and signals earn it, and their sum.
# Positive points of organisations and roles add up to 100 each, those of issues to 88, so that
# points need no scaling, no leg passes 100, and only organisation fit can fall under 0.
JUDGED = """
create table judged as
with described as (

    select
        accounts.account_id,
        accounts.country,
        accounts.status,
        accounts.employees,
        accounts.industry,
        words(accounts.industry) as industry_words,
        number_of(accounts.attributes['legal_entities']) as legal_entities,
        lower(accounts.attributes['erp']) as erp,
        try_cast(accounts.attributes['uses_rival'] as boolean) as uses_rival,
        accounts.ultimate_parent_account_id,
        accounts.subsidiaries,
        accounts.topics_researched_90_days,
        accounts.visits_90_days,
        accounts.last_funding_date,
        week() - accounts.last_funding_date as funding_age_days,
        coalesce(heard.heat_slow_close, 0e0) as heat_slow_close,
        coalesce(heard.heat_growth, 0e0) as heat_growth,
        'market:' || heard.close_signal as close_signal,
        'market:' || heard.growth_signal as growth_signal,
        coalesce(reached.reachable_contacts, 0) as reachable_contacts,
        'market:' || substr(reached.finance_chief, 2) as finance_chief,
        'market:' || substr(reached.close_owner, 2) as close_owner,
        'market:' || substr(reached.systems_owner, 2) as systems_owner
    from marts.accounts as accounts
    inner join keys on accounts.account_id = keys.account_id
    left join heard on keys.source_company_id = heard.source_company_id
    left join reached on keys.source_company_id = reached.source_company_id

),

pointed as (

    select
        *,
        case when employees between 200 and 5000 then 15 else 0 end as mid_size,
        cast(round(
            10e0 * coalesce(greatest(0e0, 1e0 - abs(employees - 1200e0) / 1000e0), 0e0), 4
        ) as decimal(9, 4)) as sweet_spot,
        case
            when mentions(industry_words, 'manufacturing|machinery|logistics|wholesale')
                then 10 else 0
        end as makes_things,
        case when legal_entities >= 3 then 20 else 0 end as several_entities,
        case when subsidiaries >= 1 then 10 else 0 end as runs_a_group,
        case when erp in ('sap s/4hana', 'sap ecc', 'oracle netsuite') then 15 else 0 end
            as ledger_we_connect_to,
        case when topics_researched_90_days >= 2 then 10 else 0 end as researches,
        case when visits_90_days >= 1 then 5 else 0 end as visits_us,
        cast(case
            when funding_age_days between 0 and 180
                then round(5e0 * power(0.5e0, funding_age_days / 60e0), 4)
            else 0
        end as decimal(9, 4)) as just_funded,
        case when uses_rival then -10 else 0 end as rival_in_place,
        cast(round(60e0 * heat_slow_close, 4) as decimal(9, 4)) as slow_close,
        cast(round(28e0 * heat_growth, 4) as decimal(9, 4)) as growth
    from described

),

summed as (

    select
        *,
        cast(
            mid_size + makes_things + several_entities + runs_a_group + ledger_we_connect_to
            + researches + visits_us + rival_in_place + sweet_spot + just_funded as decimal(9, 4)
        ) as organisation_total,
        cast(greatest(0, organisation_total) as decimal(9, 4)) as organisation_fit_score,
        cast(
            case when finance_chief is not null then 50 else 0 end
            + case when close_owner is not null then 30 else 0 end
            + case when systems_owner is not null then 20 else 0 end
            as decimal(9, 4)
        ) as people_coverage_score,
        cast(slow_close + growth as decimal(9, 4)) as issue_urgency_score
    from pointed

)

select
    * exclude (industry_words, heat_slow_close, heat_growth),
    cast(round(exp((
        ln(greatest(cast(organisation_fit_score as double), 1e0))
        + ln(greatest(cast(people_coverage_score as double), 1e0))
        + ln(greatest(cast(issue_urgency_score as double), 1e0))
    ) / 3e0), 4) as decimal(9, 4)) as alignment_score,
    organisation_fit_score >= 29.995 and people_coverage_score >= 24.995
        and issue_urgency_score >= 9.995
        as is_aligned,
    lower(country) not in ('us', 'ca', 'gb', 'ie', 'de', 'at', 'ch', 'fr', 'be', 'nl')
        as is_not_served,
    lower(status) = 'dissolved' as is_dissolved
from summed
"""

# One row per account that may be listed: its place among its parent's, its rank and its tier.
RANKED = """
create table ranked as
with eligible as (

    select
        account_id,
        alignment_score,
        row_number() over (
            partition by ultimate_parent_account_id order by alignment_score desc, account_id
        ) as position_in_parent
    from judged
    anti join suppressed_accounts on judged.account_id = suppressed_accounts.account_id
    where
        is_aligned
        and alignment_score >= 29.995
        and not coalesce(is_not_served, false)
        and not coalesce(is_dissolved, false)

),

positioned as (

    select
        *,
        row_number() over (order by alignment_score desc, account_id) as position
    from eligible
    where position_in_parent <= 3

),

ends as (

    select
        least(100, count(*) filter (where alignment_score >= 49.995)) as end_a,
        end_a + least(400, count(*) - end_a) as end_b
    from positioned

),

tiered as (

    select
        account_id,
        position,
        case when position <= ends.end_a then 'A' when position <= ends.end_b then 'B' end as tier
    from positioned
    cross join ends

)

select
    eligible.account_id,
    eligible.position_in_parent,
    tiered.tier,
    case when tiered.tier is not null then cast(tiered.position as integer) end as rank
from eligible
left join tiered on eligible.account_id = tiered.account_id
"""

ACCOUNT_SCORES = """
create table marts.account_scores as
select
    judged.account_id,
    judged.organisation_fit_score,
    judged.people_coverage_score,
    judged.issue_urgency_score,
    judged.alignment_score,
    judged.is_aligned,
    case least(organisation_fit_score, people_coverage_score, issue_urgency_score)
        when organisation_fit_score then 'organisation'
        when people_coverage_score then 'people'
        else 'issue'
    end as weakest_leg,
    cast(
        case when employees is not null then 25 else 0 end
        + case when industry is not null then 10 else 0 end
        + case when legal_entities is not null then 20 else 0 end
        + case when subsidiaries is not null then 10 else 0 end
        + case when erp is not null then 15 else 0 end
        + case when topics_researched_90_days is not null then 10 else 0 end
        + case when visits_90_days is not null then 5 else 0 end
        + case when last_funding_date is not null then 5 else 0 end
        as decimal(5, 2)
    ) as data_coverage_pct,
    without_nulls([
        case when finance_chief is null then 'finance_chief' end,
        case when close_owner is null then 'close_owner' end,
        case when systems_owner is null then 'systems_owner' end
    ]) as missing_roles,
    list_filter([
        reason('organisation', 'mid_size', mid_size, null),
        reason('organisation', 'sweet_spot', sweet_spot, null),
        reason('organisation', 'makes_things', makes_things, null),
        reason('organisation', 'several_entities', several_entities, null),
        reason('organisation', 'runs_a_group', runs_a_group, null),
        reason('organisation', 'ledger_we_connect_to', ledger_we_connect_to, null),
        reason('organisation', 'researches', researches, null),
        reason('organisation', 'visits_us', visits_us, null),
        reason('organisation', 'just_funded', just_funded, null),
        reason('organisation', 'rival_in_place', rival_in_place, null),
        reason('organisation', 'floor_at_0', greatest(0, -organisation_total), null),
        reason(
            'people', 'finance_chief', case when finance_chief is not null then 50 end,
            finance_chief
        ),
        reason(
            'people', 'close_owner', case when close_owner is not null then 30 end, close_owner
        ),
        reason(
            'people', 'systems_owner', case when systems_owner is not null then 20 end,
            systems_owner
        ),
        reason('issue', 'slow_close', slow_close, close_signal),
        reason('issue', 'growth', growth, growth_signal)
    ], lambda earned: earned.points <> 0) as reasons_earned,
    without_nulls([
        case when employees is null then 'mid_size' end,
        case when employees is null then 'sweet_spot' end,
        case when industry is null then 'makes_things' end,
        case when legal_entities is null then 'several_entities' end,
        case when subsidiaries is null then 'runs_a_group' end,
        case when erp is null then 'ledger_we_connect_to' end,
        case when topics_researched_90_days is null then 'researches' end,
        case when visits_90_days is null then 'visits_us' end,
        case when last_funding_date is null then 'just_funded' end,
        case when uses_rival is null then 'rival_in_place' end,
        case when is_not_served is null then 'not_served' end,
        case when is_dissolved is null then 'dissolved' end
    ]) as reasons_unknown,
    without_nulls([
        case when is_not_served then 'not_served' end, case when is_dissolved then 'dissolved' end
    ]) as met_disqualifiers,
    case
        when suppressed.account_id is not null then 'suppressed'
        when is_not_served or is_dissolved then 'qualified_out'
        when ranked.tier is not null then 'listed'
        else 'below_line'
    end as outcome,
    case
        when suppressed.account_id is not null then suppressed.suppression
        when is_not_served then 'not_served: We have nobody there.'
        when is_dissolved then 'dissolved: There is nobody left to buy.'
        when organisation_fit_score < 29.995
            then 'not aligned: organisation fit ' || score_under(organisation_fit_score, 30)
                || ' is under the minimum of 30.0'
        when people_coverage_score < 24.995
            then 'not aligned: people coverage ' || score_under(people_coverage_score, 25)
                || ' is under the minimum of 25.0'
        when issue_urgency_score < 9.995
            then 'not aligned: issue urgency ' || score_under(issue_urgency_score, 10)
                || ' is under the minimum of 10.0'
        when alignment_score < 29.995
            then 'alignment ' || score_under(alignment_score, 30)
                || ' is under the lowest tier (B from 30.0)'
        when ranked.position_in_parent > 3 then 'over the cap of 3 accounts per ultimate parent'
        when ranked.tier is not null
            then 'listed in tier ' || ranked.tier || ' at rank ' || cast(ranked.rank as varchar)
        else 'over capacity: the tiers hold 500 accounts'
    end as outcome_reason,
    ranked.tier,
    ranked.rank,
    false as is_known_later,
    week() as list_week,
    publish_id() as publish_id
from judged
left join suppressed_accounts as suppressed on judged.account_id = suppressed.account_id
left join ranked on judged.account_id = ranked.account_id
"""

CONTACTS = """
create table marts.contacts as
select
    'market:' || people.source_contact_id as contact_id,
    people.account_id,
    'market' as source,
    people.source_contact_id,
    people.full_name,
    people.title,
    people.department,
    people.seniority,
    people.email,
    people.phone,
    people.profile_url,
    people.reachable_by,
    people.reachable_by is not null as is_reachable,
    people.role_ids,
    len(people.contact_ids) as contact_records,
    ['market'] as sources,
    people.contact_ids,
    false as is_known_later,
    week() as list_week,
    publish_id() as publish_id
from people
anti join (from suppressed_accounts where precedence <= 2) as left_alone
    on people.account_id = left_alone.account_id
"""

SIGNALS = """
create table marts.signals as
select
    'market:' || signals.source_signal_id as signal_id,
    keys.account_id,
    'market' as source,
    signals.kind,
    lower(signals.topic) as topic,
    signals.title,
    coalesce(signals.strength, 1e0) as strength,
    coalesce(utc(signals.occurred_at), utc(signals.known_at), first_seen()) as occurred_at,
    coalesce(utc(signals.known_at), first_seen()) as known_at,
    first_seen() as first_seen_week,
    first_seen() as last_seen_week,
    signals.url,
    false as is_known_later,
    week() as list_week,
    publish_id() as publish_id
from landed_signals as signals
inner join keys on signals.source_company_id = keys.source_company_id
where signals.known_at is null or signals.known_at <= week_start()
"""

REASONS = """
create table marts.target_account_reasons as
with earned as (

    select account_id, unnest(reasons_earned, max_depth := 2)
    from marts.account_scores
    where outcome = 'listed'

),

-- The few that are named, so that joins are made for thousands and not for all.
named_contacts as (

    select contact_id, full_name, title, reachable_by
    from marts.contacts
    semi join earned on contacts.contact_id = earned.evidence_id

),

named_signals as (

    select signal_id, kind, topic, title, occurred_at
    from marts.signals
    semi join earned on signals.signal_id = earned.evidence_id

)

select
    earned.account_id,
    earned.leg,
    earned.reason_id,
    case earned.reason_id
        when 'mid_size' then 'Large enough to need it, small enough to decide.'
        when 'sweet_spot' then 'We are at our best here.'
        when 'makes_things' then 'Goods move between companies of a group.'
        when 'several_entities' then 'There is something to consolidate.'
        when 'runs_a_group' then 'It answers for others'' figures.'
        when 'ledger_we_connect_to' then 'Our connectors are ready.'
        when 'researches' then 'Somebody puts a list together.'
        when 'visits_us' then 'They know us.'
        when 'just_funded' then 'Money to spend.'
        when 'rival_in_place' then 'They are bound for years.'
        when 'floor_at_0' then 'a leg cannot score below 0'
        when 'finance_chief' then 'Figures that hold.'
        when 'close_owner' then 'Evenings at home.'
        when 'systems_owner' then 'A project that ends.'
        when 'slow_close' then 'Closing the month takes us more than ten working days.'
        when 'growth' then 'We buy companies faster than we can report on them.'
    end as reason,
    earned.points,
    case earned.leg
        when 'people' then
            coalesce(contacts.full_name, 'name unknown') || coalesce(', ' || contacts.title, '')
            || ' (by ' || replace(contacts.reachable_by, '_', ' ') || ')'
        when 'issue' then
            replace(signals.kind, '_', ' ')
            || coalesce(': ' || coalesce(signals.topic, signals.title), '')
        else case earned.reason_id
            when 'mid_size'
                then 'employees: ' || accounts.employees || '; wanted between 200 and 5000'
            when 'sweet_spot'
                then 'employees: ' || accounts.employees || '; wanted near 1200 (within 1000)'
            when 'makes_things' then 'industry: ' || accounts.industry
                || '; wanted mentions manufacturing, machinery, logistics, wholesale'
            when 'several_entities' then 'legal entities: '
                || accounts.attributes['legal_entities'] || '; wanted at least 3'
            when 'runs_a_group'
                then 'subsidiaries: ' || accounts.subsidiaries || '; wanted at least 1'
            when 'ledger_we_connect_to' then 'erp: ' || accounts.attributes['erp']
                || '; wanted one of SAP S/4HANA, SAP ECC, Oracle NetSuite'
            when 'researches' then 'topics researched 90 days: '
                || accounts.topics_researched_90_days || '; wanted at least 2'
            when 'visits_us'
                then 'visits 90 days: ' || accounts.visits_90_days || '; wanted at least 1'
            when 'just_funded' then 'last funding date: '
                || accounts.last_funding_date || '; wanted within 180 days'
            when 'rival_in_place'
                then 'uses rival: ' || accounts.attributes['uses_rival'] || '; not wanted: true'
        end
    end as evidence,
    case
        when earned.leg <> 'organisation' then 'market'
        when earned.reason_id = 'runs_a_group' then 'derived from company_relationships'
        when earned.reason_id in ('researches', 'visits_us', 'just_funded')
            then 'derived from signals'
        when earned.reason_id <> 'floor_at_0' then 'market'
    end as evidence_source,
    case
        when earned.leg = 'issue' then cast(signals.occurred_at as date)
        when earned.reason_id = 'just_funded' then accounts.last_funding_date
    end as evidence_date,
    week() as list_week,
    publish_id() as publish_id
from marts.accounts as accounts
inner join earned on accounts.account_id = earned.account_id
left join named_contacts as contacts
    on case when earned.leg = 'people' then earned.evidence_id end = contacts.contact_id
left join named_signals as signals
    on case when earned.leg = 'issue' then earned.evidence_id end = signals.signal_id
"""

TARGET_ACCOUNTS = """
create table marts.target_accounts as
with why as (

    select
        account_id,
        arg_min(
            reason || ' (' || evidence || ', ' || cast(evidence_date as varchar) || ')',
            (-points, reason_id)
        ) as why_now
    from marts.target_account_reasons
    where leg = 'issue'
    group by account_id

)

select
    scores.rank,
    scores.account_id,
    accounts.name,
    accounts.domain,
    accounts.country,
    scores.tier,
    scores.organisation_fit_score,
    scores.people_coverage_score,
    scores.issue_urgency_score,
    scores.alignment_score,
    scores.is_aligned,
    scores.weakest_leg,
    scores.data_coverage_pct,
    'new' as change,
    accounts.city,
    accounts.industry,
    accounts.employees,
    accounts.revenue_usd,
    accounts.website,
    cast(judged.reachable_contacts as integer) as reachable_contacts,
    scores.missing_roles,
    why.why_now,
    cast(null as bigint) as rolled_up_accounts,
    cast(null as integer) as previous_rank,
    accounts.newest_signal_date,
    false as is_known_later,
    week() as list_week,
    publish_id() as publish_id
from judged
inner join (
    marts.accounts as accounts
    inner join (from marts.account_scores where outcome = 'listed') as scores
        on accounts.account_id = scores.account_id
) on judged.account_id = accounts.account_id
left join why on scores.account_id = why.account_id
order by scores.rank
"""


def main() -> None:
    """Make the list as the command line says and print what it took."""
    arguments = _arguments()
    phases: dict[str, float] = {}
    arguments.out.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        configure(connection, arguments.threads, arguments.memory_limit)
        with _timed(phases, "read_and_compute"):
            read(connection, arguments.home, arguments.week)
            compute(connection)
        with _timed(phases, "write_duckdb"):
            write_database(connection, arguments.out / "marts.duckdb", arguments.threads)
        with _timed(phases, "write_parquet"):
            write_parquet(connection, arguments.out, arguments.threads)
    total = round(sum(phases.values()), 3)
    print(json.dumps({"seconds": total, **phases, "peak_mb": peak_mb()}))


def configure(connection: duckdb.DuckDBPyConnection, threads: int, memory_limit: str) -> None:
    """Bounds, and joins as they are written: the larger side comes first in each."""
    connection.execute(f"set threads = {threads}")
    connection.execute(f"set memory_limit = {_quoted(memory_limit)}")
    connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
    connection.execute("set TimeZone = 'UTC'")


def read(connection: duckdb.DuckDBPyConnection, home: Path, week: date) -> None:
    """Name the landed tables `landed_<table>`, the week `week()`, and the words that SQL lacks."""
    connection.execute(f"create macro week() as date '{week}'")
    connection.execute(f"create macro publish_id() as '{week}-{0:012x}'")
    connection.execute(f"create macro week_start() as timestamptz '{week} 00:00:00+00'")
    for table in TABLES:
        batch = landed(home, table, week)
        data = _quoted(str(batch / "data.parquet"))
        connection.execute(
            f"create view landed_{table} as from read_parquet({data}, file_row_number = true)"
        )
        if table == "signals":
            connection.execute(f"create macro first_seen() as date '{batch.name[:10]}'")
    for seed in ("regulated_industries", "technologies"):
        data = _quoted(str(SEEDS / f"{seed}.csv"))
        connection.execute(
            f"create view {seed} as from read_csv({data}, header = true, all_varchar = true)"
        )
    connection.execute(MACROS)
    connection.execute(title_macros())


def title_macros() -> str:
    """The rules of the seed, of which the first that matches decides."""
    with (SEEDS / "title_rules.csv").open(encoding="utf-8", newline="") as file:
        rules = list(csv.DictReader(file))
    return "".join(
        f"create macro {name}(said) as case {_cases(rules, column, result)} end;"
        for name, column, result in (
            ("seniority_of", "seniority", "seniority"),
            ("department_of", "department", "department"),
            ("held_of", "seniority", "is_held"),
        )
    )


def _cases(rules: Sequence[Mapping[str, str]], column: str, result: str) -> str:
    """What the rules that say `column` make of a title in words."""
    cases = (
        (_quoted(f"(?:^| )(?:{rule['pattern']})(?: |$)"), _quoted(rule[result]))
        for rule in rules
        if rule[column]
    )
    return " ".join(
        f"when regexp_matches(said, {pattern}) then {value}" for pattern, value in cases
    )


def landed(home: Path, table: str, week: date) -> Path:
    """The folder of a table's one batch up to the week; with several it would be another list."""
    batches = list((home / "landing" / table / "market").glob("[!.]*"))
    if len(batches) != 1 or batches[0].name[:10] > f"{week}":
        raise ValueError(f"{table}: expected one batch up to {week}, found {batches}")
    return batches[0]


def compute(connection: duckdb.DuckDBPyConnection) -> None:
    """What accounts are made of and who may be contacted, in memory."""
    for statement in (
        KEYS,
        FAMILIES,
        HEARD,
        PEOPLE,
        NAMESAKES,
        SAME_PERSON,
        SILENT,
        *ONCE,
        REACHED,
        DEALT,
        SUPPRESSED,
    ):
        connection.execute(statement)


def write_database(connection: duckdb.DuckDBPyConnection, path: Path, threads: int) -> None:
    """The marts as a new DuckDB file, and what accounts come to, which is read from it."""
    for old in (path, path.with_name(f"{path.name}.wal")):
        old.unlink(missing_ok=True)
    connection.execute(
        f"attach {_quoted(str(path))} as marts (storage_version '{STORAGE_VERSION}')"
    )
    # People are most of what is in memory, and so written and forgotten first.
    contacts = f"{CONTACTS};drop table people"
    scored = ";".join((ACCOUNTS, JUDGED, RANKED, ACCOUNT_SCORES))
    _side_by_side(connection, (SIGNALS, contacts, scored), threads)
    connection.execute(REASONS)
    connection.execute(TARGET_ACCOUNTS)
    connection.execute("checkpoint marts")


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, threads: int) -> None:
    """The same tables as Parquet files beside it."""
    copies = []
    for mart in MARTS:
        path = _quoted(str(folder / f"{mart}.parquet"))
        copies.append(f"copy marts.{mart} to {path} ({PARQUET})")
    _side_by_side(connection, copies, threads)


def _side_by_side(
    connection: duckdb.DuckDBPyConnection, statements: Sequence[str], threads: int
) -> None:
    """Run independent statements two at a time: one alone compresses a row group on one thread.

    DuckDB counts one thread that calls it among its own; a second caller is one more.
    """
    callers = min(2, threads)
    connection.execute(f"set threads = {threads - callers + 1}")
    cursors = [connection.cursor() for _ in statements]
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(lambda cursor, statement: cursor.execute(statement), cursors, statements))
    connection.execute(f"set threads = {threads}")


def peak_mb() -> float:
    """The high-water mark of this process's resident memory."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


@contextmanager
def _timed(phases: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    phases[name] = round(time.perf_counter() - began, 3)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.reference")
    parser.add_argument("home", type=Path)
    parser.add_argument("week", type=date.fromisoformat)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", default="4GB")
    return parser.parse_args()


if __name__ == "__main__":
    main()
