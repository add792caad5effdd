"""A small finished warehouse, written by hand after the contract of the marts.

Six made-up accounts of all four outcomes; names and texts are hostile on purpose. Tests mutate it
with plain SQL. Nothing here runs dbt.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

LIST_WEEK = date(2026, 11, 23)
PUBLISH_ID = "2026-11-23-0123456789ab"

_made = tempfile.TemporaryDirectory(prefix="warehouses-")

HOSTILE_NAME = """=cmd|' /C calc'!A0 <script>alert("x")</script>"""


def build_warehouse(
    path: Path,
    *,
    list_week: date = LIST_WEEK,
    publish_id: str = PUBLISH_ID,
    mutations: Iterable[str] = (),
) -> Path:
    """Write the warehouse file, changed by the SQL statements in `mutations`, and return it."""
    stamp = f"date '{list_week}' as list_week, '{publish_id}' as publish_id"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    shutil.copyfile(_built(stamp, path.name), path)
    if mutations := tuple(mutations):
        _execute(path, stamp, mutations)
    return path


@cache
def _built(stamp: str, name: str) -> Path:
    """The file before it is changed, made once: copying it takes no time beside making it."""
    path = Path(tempfile.mkdtemp(dir=_made.name)) / name
    _execute(path, stamp, (*_RAW, *_MARTS, *EVIDENCE, *_NO_EVIDENCE, *_BEFORE))
    return path


def _execute(path: Path, stamp: str, statements: Iterable[str]) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement.replace("$stamp", stamp))


EVIDENCE = (
    """
    create or replace table marts.criterion_evidence as from (values
        ('mid_size', 60, 30, 50.0, 37.74, 62.26, 140, 20, 14.29, 9.44, 21.05, 2.0, 26, 'supported'),
        ('in_region', 150, 40, 26.67, 20.23, 34.27, 50, 10, 20.0, 11.24, 33.04, 1.07, 4,
            'no effect seen'),
        ('too_small', 3, 0, 0.0, 0.0, 56.15, 197, 50, 25.38, 19.81, 31.9, 0.0, null,
            'not enough deals'),
        ('budget_holder', 0, 0, null, null, null, 200, 50, 25.0, 19.51, 31.43, null, 70,
            'not enough deals'),
        ('tax_lead', 100, 15, 15.0, 9.31, 23.28, 100, 35, 35.0, 26.36, 44.75, 0.6, 30,
            'contradicted'),
        ('slow_close', 50, 20, 40.0, 27.61, 53.82, 150, 30, 20.0, 14.37, 27.12, 1.6, 50,
            'supported')
    ) as e (criterion_id, deals_met, won_met, won_met_pct, won_met_low_pct, won_met_high_pct,
        deals_not_met, won_not_met, won_not_met_pct, won_not_met_low_pct, won_not_met_high_pct,
        lift, suggested_points, verdict)
    join marts.criteria as criteria using (criterion_id)
    select criteria.position, criteria.leg, criteria.kind, criterion_id, criteria.family,
        criteria.statement, criteria.operand, deals_met::bigint as deals_met,
        won_met::bigint as won_met, won_met_pct, won_met_low_pct, won_met_high_pct,
        deals_not_met::bigint as deals_not_met, won_not_met::bigint as won_not_met,
        won_not_met_pct, won_not_met_low_pct, won_not_met_high_pct, 0::bigint as deals_unknown,
        0::bigint as won_unknown, lift::double as lift, criteria.points::double as points,
        suggested_points::double as suggested_points, verdict, null::varchar as leak,
        5::bigint as verdicts_met, 3::bigint as accepted_met, 2::bigint as verdicts_not_met,
        0::bigint as accepted_not_met, 0::bigint as verdicts_unknown,
        40::decimal(5, 2) as judged_by_todays_facts_pct, $stamp
    """,
    """
    create or replace table marts.family_evidence as from (values
        ('demographic', 2, 0.62, 0.55, 0.69, 0.08, 0.02, 0.13, 'adds'),
        ('structural', 0, null, null, null, 0.0, 0.0, 0.0, 'no criteria')
    ) as f (family, criteria, auc_alone, auc_alone_low, auc_alone_high, auc_added, auc_added_low,
        auc_added_high, verdict)
    select *, 50::decimal(5, 2) as points_pct, 60::bigint as deals, $stamp
    """,
    """
    create or replace table marts.ranking_backtest as from (values
        ('document', 0.66, 0.56, 0.75, 0.17, 'lift'),
        ('random', 0.49, 0.40, 0.58, 0.19, 'no lift'),
        ('suggested', 0.71, 0.62, 0.79, 0.16, 'lift')
    ) as r (ranking, auc, auc_low, auc_high, brier, verdict)
    select *, 'by date of opening' as split, 140::bigint as trained_deals, 100::bigint as deals,
        25::bigint as won, 25::decimal(5, 2) as won_pct, 2.0::double as lift_top_10_pct,
        50::decimal(5, 2) as precision_top_10_pct, 250::bigint as capacity,
        25e0 as precision_at_capacity,
        list_transform(range(1, 11), lambda d: {'decile': d, 'deals': 10, 'won_pct': 50e0 - 5 * d})
            as deciles,
        [3]::bigint[] as non_monotonic_deciles, 40::decimal(5, 2) as judged_by_todays_facts_pct,
        $stamp
    """,
)
"""What outcomes say of the document, as mutations; without them no deal was ever closed."""

_NO_EVIDENCE = tuple(
    f"delete from marts.{mart}"
    for mart in ("criterion_evidence", "family_evidence", "ranking_backtest")
)

_RAW = (
    "create schema raw",
    "create schema marts",
    """
    create table raw.batches as from (values
        ('crm', 'companies', '2026-11-23-aaaaaaaaaaaa', date '2026-11-23', 5, 1, 2),
        ('crm', 'contacts', '2026-11-23-bbbbbbbbbbbb', date '2026-11-23', 4, 0, 0),
        ('intent', 'signals', '2026-11-23-cccccccccccc', date '2026-11-23', 3, 0, 0),
        ('visits', 'signals', '2026-11-23-dddddddddddd', date '2026-11-23', 1, 0, 0),
        ('do_not_contact', 'suppressions', '2026-11-23-eeeeeeeeeeee', date '2026-11-23', 3, 0, 0)
    ) as b (source, table_name, batch_id, stamped_week, rows, rejects, unconverted)
    select *, md5(batch_id) as content_hash, false as is_known_later, true as is_made_up
    """,
    """
    create table raw.companies as from (values
        ('1', 'Nordlicht Werke', 'nordlicht.example', 'DE'),
        ('2', 'Hostile', 'hostile.example', 'US'),
        ('3', 'Quiet Harbour Ltd', 'harbour.example', 'GB'),
        ('4', 'Tiny Shop', 'tiny.example', 'FR'),
        ('5', 'Our Customer', 'customer.example', 'US'),
        ('6', 'Nordlicht Handel', 'nordlicht.example', 'DE')
    ) as c (source_company_id, name, domain, country)
    select 'crm' as source, '2026-11-23-aaaaaaaaaaaa' as batch_id,
        timestamp '2026-11-23' as observed_at, *, 'Machinery' as industry,
        300::bigint as employees, null::bigint as employees_low, null::bigint as employees_high,
        5e7 as revenue_usd
    """,
    """
    create table raw.company_relationships as select 'crm' as source,
        '2026-11-23-ffffffffffff' as batch_id, timestamp '2026-11-23' as observed_at,
        '6' as child_source_company_id, '1' as parent_source_company_id, 'subsidiary' as kind
    """,
    """
    create table raw.contacts as from (values
        ('p1', '1', 'Chief Financial Officer', 'ada@nordlicht.example', false),
        ('p2', '1', 'Head of Accounting', 'ben@nordlicht.example', false),
        ('p3', '2', 'VP Finance', 'cy@hostile.example', false),
        ('p4', '2', 'Controller', 'gone@hostile.example', true)
    ) as p (source_contact_id, source_company_id, title, email, is_opted_out)
    select 'crm' as source, '2026-11-23-bbbbbbbbbbbb' as batch_id,
        timestamp '2026-11-23' as observed_at, null::varchar as company_domain,
        false as is_do_not_call, *
    """,
    "create view raw.latest_contacts as select * from raw.contacts",
    """
    create table raw.signals as from (values
        ('s1', 'topic_surge', 'nordlicht.example', 0.9),
        ('s2', 'job_posting', 'nordlicht.example', null),
        ('s3', 'topic_surge', 'hostile.example', 0.7),
        ('s4', 'web_visit', 'harbour.example', null)
    ) as s (source_signal_id, kind, domain, strength)
    select 'intent' as source, '2026-11-23-cccccccccccc' as batch_id,
        timestamp '2026-11-23' as observed_at, timestamp '2026-11-20' as occurred_at,
        timestamp '2026-11-21' as known_at, *
    """,
    """
    create table raw.deals as select 'crm' as source, '2026-11-23-111111111111' as batch_id,
        timestamp '2026-11-23' as observed_at, 'd1' as source_deal_id, 'open' as outcome,
        timestamp '2026-10-01' as created_at, null::timestamp as closed_at
    """,
    """
    create table raw.owners as select 'crm' as source, '2026-11-23-222222222222' as batch_id,
        timestamp '2026-11-23' as observed_at, 'o1' as source_owner_id
    """,
    """
    create table raw.suppressions as from (values
        ('domain', 'customer.example', 'customer', null::date),
        ('domain', 'harbour.example', 'do_not_contact', date '2026-01-01'),
        ('email', 'gone@hostile.example', 'do_not_contact', null)
    ) as s (key_kind, key, reason, until_date)
    select 'do_not_contact' as source, '2026-11-23-eeeeeeeeeeee' as batch_id,
        timestamp '2026-11-23' as observed_at, *
    """,
    "create view raw.latest_suppressions as select * from raw.suppressions",
    """
    create table raw.verdicts as select 'crm' as source, '2026-11-23-333333333333' as batch_id,
        timestamp '2026-11-23' as observed_at, '4' as source_company_id,
        'tiny.example' as domain, date '2026-11-02' as given_date, 'accepted' as verdict
    """,
)

_BEFORE = (
    "create schema intermediate",
    """
    create table intermediate.int_verdicts_attributed as select 'a4' as account_id,
        'crm' as source, null::varchar as company_key, 'tiny.example' as domain,
        date '2026-11-02' as given_date, null::date as until_date, 'qualified_out' as verdict
    """,
    *(
        f"create table raw.{table}_before as select * replace (replace(batch_id, '23', '16') "
        f"as batch_id) from raw.{table}"
        for table in ("companies", "contacts", "signals")
    ),
    """
    create table raw.last_account_facts as
    select account_id, accounts.domain, alignment_score, outcome, scores.list_week - 7 as list_week
    from marts.account_scores as scores join marts.accounts as accounts using (account_id)
    """,
)

_MARTS = (
    f"""
    create table marts.accounts as from (values
        ('a1', 'Nordlicht Werke', 'nordlicht.example', 'DE', 'Köln', 'Machinery', 820, 1.2e8),
        ('a2', '{HOSTILE_NAME.replace("'", "''")}', 'hostile.example', 'US', '+Town', 'Software',
            null, null),
        ('a3', 'Quiet Harbour Ltd', 'harbour.example', 'GB', 'Hull', 'Shipping', 400, null),
        ('a4', 'Tiny Shop', 'tiny.example', 'FR', 'Lyon', 'Retail', 3, null),
        ('a5', 'Our Customer', 'customer.example', 'US', 'Reno', 'Energy', 900, null),
        ('a6', '東京 Holdings 🚀', 'nordlicht.example', 'JP', 'Tokyo', 'Machinery', 300, 9e6)
    ) as a (account_id, name, domain, country, city, industry, employees, revenue_usd)
    select account_id, name, domain, 'https://www.' || domain as website, country,
        null::varchar as region, city, '+49 221 1' as phone, industry,
        employees::bigint as employees, null::bigint as employees_low,
        null::bigint as employees_high, revenue_usd::double as revenue_usd,
        null::varchar as parent_account_id, account_id as ultimate_parent_account_id,
        'crm' as name_source, map {{'erp': 'made-up ERP'}} as attributes,
        null::varchar as industry_code, null::bigint as founded_year, null::varchar as ownership,
        null::varchar as legal_form, 'active' as status, 0::bigint as subsidiaries,
        0::bigint as subsidiaries_added_24_months, 1::bigint as sites,
        0::bigint as depth_under_parent, false as has_parent, null::varchar as technologies,
        null::boolean as is_listed, null::boolean as is_regulated,
        false as is_known_later, $stamp
    """,
    """
    create table marts.account_scores as from (values
        ('a1', 80.0, 70.0, 50.0, 65.4213, true, 'issue', 100, ['tax_lead'],
            [{'leg': 'organisation', 'reason_id': 'mid_size', 'points': 60.0, 'evidence_id': null},
             {'leg': 'organisation', 'reason_id': 'in_region', 'points': 20.0, 'evidence_id': null},
             {'leg': 'people', 'reason_id': 'budget_holder', 'points': 70.0,
                'evidence_id': 'crm:p1'},
             {'leg': 'issue', 'reason_id': 'slow_close', 'points': 50.0, 'evidence_id': 's1'}],
            []::varchar[], []::varchar[], 'listed', 'aligned, tier A', 'A', 1),
        ('a2', 55.5, 40.0, 30.25, 40.6435, true, 'issue', 60, ['tax_lead'],
            [{'leg': 'organisation', 'reason_id': 'in_region', 'points': 55.5, 'evidence_id': null},
             {'leg': 'people', 'reason_id': 'budget_holder', 'points': 40.0,
                'evidence_id': 'crm:p3'},
             {'leg': 'issue', 'reason_id': 'slow_close', 'points': 30.25, 'evidence_id': 's3'}],
            ['mid_size', 'too_small'], [], 'listed', 'aligned, tier B', 'B', 2),
        ('a6', 41.0, 40.0, 20.0, 32.0115, true, 'issue', 100, ['tax_lead'],
            [{'leg': 'organisation', 'reason_id': 'mid_size', 'points': 41.0, 'evidence_id': null},
             {'leg': 'people', 'reason_id': 'budget_holder', 'points': 40.0,
                'evidence_id': 'crm:p2'},
             {'leg': 'issue', 'reason_id': 'slow_close', 'points': 20.0, 'evidence_id': 's2'}],
            [], [], 'listed', 'aligned, tier B', 'B', 3),
        ('a3', 60.0, 0.0, 10.0, 8.4343, false, 'people', 100, ['budget_holder', 'tax_lead'],
            [{'leg': 'organisation', 'reason_id': 'mid_size', 'points': 60.0, 'evidence_id': null},
             {'leg': 'issue', 'reason_id': 'slow_close', 'points': 10.0, 'evidence_id': 's4'}],
            [], [], 'below_line', 'people: 0 of at least 25', null, null),
        ('a4', 20.0, 0.0, 0.0, 2.7144, false, 'issue', 100, ['budget_holder', 'tax_lead'],
            [{'leg': 'organisation', 'reason_id': 'in_region', 'points': 20.0,
                'evidence_id': null}],
            [], ['too_small'], 'qualified_out', 'too_small', null, null),
        ('a5', 80.0, 0.0, 0.0, 4.3089, false, 'people', 100, ['budget_holder', 'tax_lead'],
            [{'leg': 'organisation', 'reason_id': 'mid_size', 'points': 60.0, 'evidence_id': null},
             {'leg': 'organisation', 'reason_id': 'in_region', 'points': 20.0,
                'evidence_id': null}],
            [], [], 'suppressed', 'customer', null, null)
    ) as s (account_id, organisation_fit_score, people_coverage_score, issue_urgency_score,
        alignment_score, is_aligned, weakest_leg, data_coverage_pct, missing_roles, reasons_earned,
        reasons_unknown, met_disqualifiers, outcome, outcome_reason, tier, rank)
    select account_id,
        organisation_fit_score::decimal(9, 4) as organisation_fit_score,
        people_coverage_score::decimal(9, 4) as people_coverage_score,
        issue_urgency_score::decimal(9, 4) as issue_urgency_score,
        alignment_score::decimal(9, 4) as alignment_score, is_aligned, weakest_leg,
        data_coverage_pct::decimal(5, 2) as data_coverage_pct, missing_roles,
        reasons_earned::struct(leg varchar, reason_id varchar, points decimal(9, 4),
            evidence_id varchar)[] as reasons_earned,
        reasons_unknown::varchar[] as reasons_unknown,
        met_disqualifiers::varchar[] as met_disqualifiers,
        outcome, outcome_reason, tier, rank::integer as rank, false as is_known_later, $stamp
    """,
    """
    create table marts.account_sources as select 'a' || source_company_id as account_id, source,
        source_company_id, name, domain, 'first record' as link_reason, 1e0 as match_weight,
        $stamp from raw.companies
    """,
    """
    create table marts.account_contradictions as select 'a3' as account_id,
        'employees' as attribute, '400' as value, 'crm' as value_source,
        date '2026-11-02' as value_date, '51 to 200' as other_value,
        'market' as other_value_source, date '2026-10-01' as other_value_date, $stamp
    """,
    """
    create table marts.account_id_changes as select 'a0' as account_id,
        'a1' as became_account_id, 'merged' as kind, list_week as changed_week, *
    from (select $stamp)
    """,
    """
    create table marts.uncertain_matches as select 'crm:1' as left_record_id,
        'a1' as left_account_id, 'Nordlicht Werke' as left_name,
        'nordlicht.example' as left_domain, 'DE' as left_country, 'crm:6' as right_record_id,
        'a6' as right_account_id, 'Nordlicht Handel' as right_name,
        'nordlicht.example' as right_domain, 'DE' as right_country, 1.5e0 as match_weight,
        0.74e0 as match_probability, 'same city' as evidence, 'other name' as counter_evidence,
        null::varchar as held_because, $stamp
    """,
    """
    create table marts.contacts as from (values
        ('crm:p1', 'a1', 'p1', 'Ada Example', 'Chief Financial Officer', 'ada@nordlicht.example',
            '+49 221 12', ['budget_holder']),
        ('crm:p2', 'a6', 'p2', '@Ben Example', 'Head of Accounting', 'ben@nordlicht.example',
            null, ['budget_holder']),
        ('crm:p3', 'a2', 'p3', 'Cy Example', 'VP Finance', 'cy@hostile.example', null,
            ['budget_holder'])
    ) as p (contact_id, account_id, source_contact_id, full_name, title, email, phone, role_ids)
    select contact_id, account_id, 'crm' as source, source_contact_id, full_name, title,
        'Finance' as department, null::varchar as seniority, email, phone,
        'https://people.example/' || source_contact_id as profile_url, 'email' as reachable_by,
        true as is_reachable, role_ids, 1::bigint as contact_records, ['crm'] as sources,
        [contact_id] as contact_ids, $stamp
    """,
    """
    create table marts.signals as from (values
        ('s1', 'a1', 'topic_surge', 'financial close', null, 0.9, timestamp '2026-11-20'),
        ('s2', 'a6', 'job_posting', null, 'Consolidation lead', null, timestamp '2026-11-12'),
        ('s3', 'a2', 'topic_surge', 'financial close', null, 0.7, timestamp '2026-11-18'),
        ('s4', 'a3', 'web_visit', 'pricing', null, null, timestamp '2026-11-10')
    ) as s (signal_id, account_id, kind, topic, title, strength, occurred_at)
    select signal_id, account_id, 'intent' as source, kind, topic, title,
        strength::double as strength, occurred_at, timestamp '2026-11-21' as known_at,
        case when signal_id = 's3' then 'javascript:alert(1)' end as url,
        false as is_known_later, $stamp
    """,
    """
    create table marts.criteria as from (values
        ('organisation', 'criterion', 'mid_size', 'demographic', 'employees', 'between',
            'between 200 and 5000', 20, 'Big enough to feel the pain', null, null, null, null),
        ('organisation', 'criterion', 'in_region', 'demographic', 'country', 'in',
            'one of DE, US, GB, JP', 10, 'We can serve them', null, null, null, null),
        ('organisation', 'disqualifier', 'too_small', null, 'employees', 'at_most', 'at most 10',
            null, 'Too small to buy', null, null, null, null),
        ('people', 'role', 'budget_holder', null, null, null, 'chief financial officer', 70,
            'Sleeps better at quarter end', null, null, 'maker', 'maker'),
        ('people', 'role', 'tax_lead', null, null, null, 'head of tax', 30,
            'Fewer late adjustments', null, null, 'taker', 'shaper'),
        ('issue', 'issue', 'slow_close', null, null, null, 'financial close', 50,
            'The close takes too long', 'critical', 'unique', null, null)
    ) as c (leg, kind, criterion_id, family, attribute, operator, operand, points, statement,
        severity, advantage, budget, decision)
    select 3 as version, leg, kind, criterion_id, family, attribute, operator, operand,
        points::decimal(9, 4) as points, statement, severity, advantage, budget, decision,
        case when leg = 'issue' then 'Ten days of work a month' end as cost_of_inaction,
        row_number() over () as position, $stamp
    """,
    """
    create view marts.account_reasons as (
        select scored.account_id, earned.leg, earned.reason_id, criteria.statement as reason,
            earned.points,
            coalesce(signals.kind || ': ' || coalesce(signals.topic, signals.title),
                contacts.title, criteria.attribute || ': known') as evidence,
            coalesce(signals.source, contacts.source, 'crm') as evidence_source,
            coalesce(cast(signals.occurred_at as date), scored.list_week) as evidence_date,
            scored.list_week, scored.publish_id
        from "warehouse"."marts"."account_scores" as scored,
            unnest(scored.reasons_earned) as exploded (earned)
        left join "warehouse"."marts"."criteria" as criteria
            on criteria.criterion_id = earned.reason_id
        left join "warehouse"."marts"."signals" as signals
            on signals.signal_id = earned.evidence_id
        left join "warehouse"."marts"."contacts" as contacts
            on contacts.contact_id = earned.evidence_id
    )
    """,
    """
    create table marts.target_accounts as
    select scored.rank, account_id, accounts.name, accounts.domain, accounts.country, scored.tier,
        organisation_fit_score, people_coverage_score, issue_urgency_score, alignment_score,
        is_aligned, weakest_leg, data_coverage_pct,
        case scored.rank when 1 then 'up' when 2 then 'new' else 'same' end as change,
        accounts.city, accounts.industry, accounts.employees, accounts.revenue_usd,
        accounts.website, 1 as reachable_contacts, scored.missing_roles,
        'The close takes too long: topic_surge, financial close' as why_now,
        null::bigint as rolled_up_accounts,
        case scored.rank when 1 then 2 when 3 then 3 end as previous_rank,
        date '2026-11-20' as newest_signal_date, scored.is_known_later, $stamp
    from marts.account_scores as scored join marts.accounts as accounts using (account_id)
    where outcome = 'listed' order by rank
    """,
    """
    create table marts.target_account_reasons as
    select reasons.* from marts.account_reasons as reasons
    join marts.target_accounts using (account_id)
    """,
    """
    create table marts.target_contacts as
    select listed.rank, listed.account_id, listed.name as company_name, listed.domain, contact_id,
        full_name, title, 'budget_holder' as role_id, 'maker' as budget, 'maker' as decision,
        'Sleeps better at quarter end' as motivation, email, phone, profile_url, reachable_by,
        $stamp
    from marts.contacts join marts.target_accounts as listed using (account_id) order by rank
    """,
    """
    create table marts.target_account_changes as from (values
        ('a1', 'Nordlicht Werke', 'nordlicht.example', 'up', 1, 2, 65.4213, 50.0,
            'issue urgency rose from 20 to 50'),
        ('a2', 'Hostile', 'hostile.example', 'new', 2, null, 40.6435, null, 'new on the list'),
        ('a6', '東京 Holdings 🚀', 'nordlicht.example', 'same', 3, 3, 32.0115, 32.0115,
            'nothing changed'),
        ('a3', 'Quiet Harbour Ltd', 'harbour.example', 'left', null, 1, 8.4343, 70.0,
            'no reachable contact any more')
    ) as c (account_id, name, domain, change, rank, previous_rank, alignment_score,
        previous_alignment_score, reason)
    select account_id, name, domain, change, rank, previous_rank,
        alignment_score::decimal(9, 4) as alignment_score,
        previous_alignment_score::decimal(9, 4) as previous_alignment_score, reason,
        date '2026-11-16' as previous_week, $stamp
    """,
    """
    create table marts.qualified_out as select account_id, name, domain, country,
        'too_small' as reason_id, 'Too small to buy' as reason,
        'employees: 3; at most 10' as evidence, 'crm' as evidence_source,
        date '2026-11-23' as evidence_date, $stamp
    from marts.accounts where account_id = 'a4'
    """,
    """
    create table marts.pipeline_review as from (values
        ('crm:d1', '=Renewal', 'a5', 'crm:o1', '@Olga Example', 'keep', null, 'aligned', 53),
        ('crm:d2', 'Start', 'a3', 'crm:o1', '@Olga Example', 'find_out', 'people',
            'people coverage 0.0 is under the minimum of 25', 400),
        ('crm:d3', 'Shop', 'a4', null, null, 'qualify_out', null, 'too_small: Too small to buy', 9),
        ('crm:d4', 'Lost card', null, 'crm:o1', '@Olga Example', 'find_out', null, 'no account',
            null)
    ) as d (deal_id, deal_name, account_id, owner_id, owner_name, verdict, weak_leg, reason,
        age_days)
    left join marts.accounts as accounts using (account_id)
    left join marts.account_scores as scored using (account_id)
    select deal_id, 'crm' as source, deal_name, account_id, accounts.name as company_name,
        accounts.domain, owner_id, owner_name, 1e4 as amount, 'EUR' as currency,
        'Proposal' as stage, date '2026-11-23' - age_days as created_date, verdict, weak_leg,
        reason, age_days::bigint as age_days, 90e0 as usual_days, 34::bigint as usual_deals,
        'won' as usual_basis, age_days > 90 as is_older_than_usual,
        age_days || ' days old; 34 won deals were won at 90 (median)' as age_note,
        scored.organisation_fit_score, scored.people_coverage_score, scored.issue_urgency_score,
        scored.alignment_score, scored.is_aligned, scored.data_coverage_pct,
        false as is_known_later, $stamp
    """,
    """
    create table marts.owner_profiles as select 'crm:o1' as owner_id, 'crm' as source,
        '@Olga Example' as name, 'olga@seller.example' as email, 'North' as territory,
        3::bigint as open_deals, 2::bigint as judged_deals, 1::bigint as aligned_deals,
        50::decimal(5, 2) as aligned_pct, 0::decimal(5, 2) as qualify_out_pct,
        12::bigint as closed_deals, 3::bigint as won_deals,
        25::decimal(5, 2) as won_pct, 8.89::decimal(5, 2) as won_low_pct,
        53.23::decimal(5, 2) as won_high_pct, false as is_best_performer,
        0::bigint as best_owners, null::decimal(5, 2) as best_won_pct,
        null::decimal(5, 2) as best_aligned_pct, null::decimal(5, 2) as best_qualify_out_pct,
        'not enough open deals to compare: 2 of the 10 needed' as comparison,
        false as is_known_later, $stamp
    """,
    "create table marts.source_batches as select *, $stamp from raw.batches",
    """
    create table marts.list_history as select rank, account_id, name, domain, tier,
        organisation_fit_score, people_coverage_score, issue_urgency_score, alignment_score,
        list_week, publish_id
    from marts.target_accounts
    """,
)
