"""Each check of the gate has a mutation that makes exactly that one fail."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from expectations.arrivals import KEYS, LEGS, arrivals
from expectations.checks import Check, no_rows
from expectations.deliveries import Delivery
from expectations.departures import departures
from expectations.results import Finding, Suite
from expectations.runner import SAMPLE_ROWS, run_checks
from expectations.terms import Terms, Tier
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID, build_warehouse

DELIVERIES = (
    Delivery("crm", "companies", "2026-11-23-aaaaaaaaaaaa", 5, 0.15, True),
    Delivery("crm", "contacts", "2026-11-23-bbbbbbbbbbbb", None, 0.15, False),
    Delivery("intent", "signals", "2026-11-23-cccccccccccc", 3, 0.15, False),
    Delivery("do_not_contact", "suppressions", "2026-11-23-eeeeeeeeeeee", 3, 0.15, True),
)

TERMS = Terms(
    sales="head of sales",
    marketing="head of marketing",
    agreed_date=date(2026, 10, 5),
    tiers=(Tier("A", 60, 1), Tier("B", 30, 2)),
    most_per_parent=1,
)

SUPPRESS = (
    "insert into raw.suppressions (source, batch_id, key_kind, key, reason, until_date) "
    "values ('do_not_contact', 'b', '{kind}', {key}, 'do_not_contact', null)"
)

MORE_ACCOUNTS = (
    "insert into marts.accounts select * exclude (i) replace ('x' || i as account_id, "
    "null as domain, 'x' || i as ultimate_parent_account_id) "
    "from marts.accounts, range(20) as t (i) where account_id = 'a4'; "
    "insert into marts.account_scores select * exclude (i) replace ('x' || i as account_id) "
    "from marts.account_scores, range(20) as t (i) "
    "where account_id = 'a4'"
)
"""Twenty more qualified-out accounts, since shares of a few say nothing."""


def changed(change: str, number: int, rank: str = "null", before: str = "null") -> str:
    """So many more rows of changes, with an expression over i for the rank now and before."""
    return (
        "insert into marts.target_account_changes select * exclude (i) replace "
        f"('x' || i as account_id, '{change}' as change, {rank} as rank, "
        f"{before} as previous_rank) from marts.target_account_changes, "
        f"range({number}) as t (i) where account_id = 'a3'"
    )


def companies(values: str, before: str) -> str:
    """Thirty more companies in the batch and in the one before, with values replaced."""
    more = (
        "insert into raw.{} select * exclude (i) replace ('n' || i as source_company_id, {}) "
        "from raw.{}, range(30) as t (i) where source_company_id = '3'"
    )
    return (
        more.format("companies", values, "companies")
        + "; "
        + more.format("companies_before", before, "companies_before")
    )


def missing(table: str, key: str, column: str) -> str:
    """Thirty more rows in a batch and in the one before; a column is empty in the first."""
    more = (
        "insert into raw.{0} select * exclude (i) replace ('n' || i || '-' || {1} as {1}{2}) "
        "from raw.{0}, range(30) as t (i)"
    )
    gone = more.format(table, key, f", null as {column}")
    return f"{gone}; {more.format(f'{table}_before', key, '')}"


DEPARTURES = [
    (
        "list_not_empty",
        "delete from marts.target_accounts; "
        "update marts.account_scores set outcome = 'below_line' where outcome = 'listed'",
    ),
    ("ranks_dense", "update marts.target_accounts set rank = 4 where rank = 3"),
    ("ranks_dense", "update marts.target_accounts set rank = null where rank = 3"),
    (
        "ranked_by_alignment",
        "update marts.target_accounts set alignment_score = 99 where rank = 3",
    ),
    ("all_listed_aligned", "update marts.target_accounts set is_aligned = null where rank = 2"),
    ("listed_have_names", "update marts.target_accounts set name = ' ' where rank = 2"),
    (
        "one_outcome_each",
        "update marts.account_scores set outcome = 'lost' where account_id = 'a3'",
    ),
    (
        "one_outcome_each",
        "insert into marts.account_scores select * from marts.account_scores "
        "where account_id = 'a4'",
    ),
    ("outcomes_add_up", "delete from marts.account_scores where account_id = 'a3'"),
    ("outcomes_add_up", "delete from marts.accounts where account_id = 'a3'"),
    (
        "list_is_what_was_decided",
        "update marts.account_scores set outcome = 'below_line' where account_id = 'a1'",
    ),
    (
        "list_is_what_was_decided",
        "update marts.account_scores set outcome = 'listed' where account_id = 'a3'",
    ),
    (
        "no_disqualified_listed",
        "update marts.account_scores set met_disqualifiers = ['too_small'] where account_id = 'a1'",
    ),
    (
        "no_disqualified_listed",
        "update marts.account_scores set outcome = 'qualified_out' where account_id = 'a1'",
    ),
    (
        "no_suppressed_listed",
        "update marts.account_scores set outcome = 'suppressed' where account_id = 'a1'",
    ),
    *(
        (
            f"reasons_add_up_{leg}",
            "update marts.target_account_reasons set points = points + 0.0001 "
            f"where account_id = 'a2' and leg = '{leg}'",
        )
        for leg in ("organisation", "people", "issue")
    ),
    (
        "earned_reasons_add_up",
        "update marts.account_scores set issue_urgency_score = issue_urgency_score + 0.0001 "
        "where account_id = 'a3'",
    ),
    ("no_barred_domain_listed", SUPPRESS.format(kind="domain", key="'Hostile.example'")),
    ("no_barred_person_published", SUPPRESS.format(kind="email", key="'ADA@nordlicht.example'")),
    (
        "no_barred_person_published",
        SUPPRESS.format(kind="email_sha256", key="sha256('ada@nordlicht.example')"),
    ),
    (
        "no_opted_out_person_published",
        "update raw.contacts set is_opted_out = true where source_contact_id = 'p1'",
    ),
    (
        "no_opted_out_person_published",
        "update raw.contacts set is_do_not_call = true where source_contact_id = 'p1'",
    ),
    ("one_version", "update marts.target_contacts set publish_id = 'another' where rank = 1"),
    ("one_version", "update marts.accounts set list_week = date '2026-11-16'"),
    ("verdicts_find_accounts", "update intermediate.int_verdicts_attributed set account_id = null"),
    ("sources_agree_on_listed", "update marts.account_contradictions set account_id = 'a1'"),
    ("known_in_time", "update marts.target_accounts set is_known_later = true where rank = 1"),
    (
        "scores_in_range",
        "update marts.account_scores set alignment_score = 100.5 where account_id = 'a4'",
    ),
    (
        "legs_tell_accounts_apart",
        f"{MORE_ACCOUNTS}; update marts.account_scores set issue_urgency_score = 0, "
        "reasons_earned = list_filter(reasons_earned, lambda r: r.leg <> 'issue'); "
        "update marts.target_accounts set issue_urgency_score = 0; "
        "delete from marts.target_account_reasons where leg = 'issue'",
    ),
    ("tiers_within_capacity", "update marts.target_accounts set tier = 'B' where rank = 1"),
    ("tiers_within_capacity", "update marts.target_accounts set tier = 'C' where rank = 3"),
    (
        "tier_thresholds_reached",
        "update marts.target_accounts set tier = case rank when 1 then 'B' else 'A' end "
        "where rank < 3",
    ),
    (
        "parent_cap_kept",
        "update marts.accounts set ultimate_parent_account_id = 'a1' where account_id = 'a2'",
    ),
    ("contacts_reachable", "delete from marts.target_contacts where account_id = 'a2'"),
    ("churn", changed("left", 20, before="100 + i")),
    ("new_entries", changed("new", 20, rank="100 + i")),
    (
        "new_at_the_top",
        changed("new", 12, rank="4 + i") + "; " + changed("same", 15, rank="16 + i"),
    ),
    (
        "changed_after_a_gap",
        changed("left", 20, before="100 + i")
        + "; update marts.target_account_changes set previous_week = date '2026-06-01'",
    ),
    (
        "accounts_kept",
        "insert into raw.last_account_facts select * exclude (i) replace ('x' || i as account_id, "
        "null as domain) from raw.last_account_facts, range(20) as t (i) where account_id = 'a4'",
    ),
    (
        "account_ids_kept",
        "update raw.last_account_facts set account_id = 'old ' || account_id "
        "where account_id in ('a3', 'a4')",
    ),
    (
        "scores_steady",
        f"{MORE_ACCOUNTS}; insert into raw.last_account_facts select * exclude (i) replace "
        "('x' || i as account_id, null as domain, 60 as alignment_score) "
        "from raw.last_account_facts, range(20) as t (i) where account_id = 'a4'",
    ),
]

ARRIVALS = [
    ("volume", "update raw.batches set rows = 4 where table_name = 'companies'"),
    ("volume", "delete from raw.batches where table_name = 'companies'"),
    ("volume_of_signals", "update raw.batches set rows = 2 where source = 'intent'"),
    ("required_tables_filled", "update raw.batches set rows = 0 where table_name = 'suppressions'"),
    ("organisation_leg_has_data", "delete from raw.companies"),
    ("people_leg_has_data", "delete from raw.contacts"),
    ("issue_leg_has_data", "delete from raw.signals"),
    (
        "sources_answered",
        "update raw.batches set stamped_week = date '2026-11-16' where source = 'intent'",
    ),
    (
        "required_sources_fresh",
        "update raw.batches set stamped_week = date '2026-10-05' where source = 'do_not_contact'",
    ),
    (
        "sources_fresh",
        "update raw.batches set stamped_week = date '2026-10-05' where source = 'intent'",
    ),
    (
        "signals_recent",
        "update raw.signals set known_at = timestamp '2026-08-01', "
        "occurred_at = timestamp '2026-08-01'",
    ),
    ("rejects", "update raw.batches set rows = 100, rejects = 30 where table_name = 'contacts'"),
    (
        "rejects_noted",
        "update raw.batches set rows = 100, rejects = 10 where table_name = 'contacts'",
    ),
    (
        "values_read",
        "update raw.batches set rows = 100, unconverted = 21 where table_name = 'contacts'",
    ),
    ("missing_values_companies", missing("companies", "source_company_id", "domain")),
    ("missing_values_contacts", missing("contacts", "source_contact_id", "title")),
    (
        "suppressions_set_aside",
        "update raw.batches set rejects = 1 where table_name = 'suppressions'",
    ),
    ("missing_addresses", missing("contacts", "source_contact_id", "email")),
    ("missing_values_signals", missing("signals", "source_signal_id", "domain")),
    ("employees_comparable", companies("3 as employees", "3000 as employees")),
    ("employees_comparable", companies("9000 as employees", "900 as employees")),
    ("revenue_comparable", companies("5e4 as revenue_usd", "5e7 as revenue_usd")),
    (
        "revenue_comparable",
        companies("case when i < 8 then 5e4 else 5e7 end as revenue_usd", "5e7 as revenue_usd"),
    ),
    *((f"columns_{table}", f"alter table raw.{table} drop column observed_at") for table in KEYS),
    *(
        (f"keys_filled_{table}", f"update raw.{table} set {keys[-1]} = null")
        for table, keys in KEYS.items()
        if table in ("company_relationships", "deals", "owners", "verdicts")
    ),
    (
        "keys_filled_companies",
        "update raw.companies set source_company_id = null where name = 'Hostile'",
    ),
    ("keys_filled_contacts", "update raw.contacts set batch_id = null where title = 'Controller'"),
    (
        "keys_filled_signals",
        "update raw.signals set source_signal_id = null where kind = 'web_visit'",
    ),
    (
        "keys_filled_suppressions",
        "update raw.suppressions set key = null where reason = 'customer'",
    ),
    *(
        (f"keys_unique_{table}", f"insert into raw.{table} select * from raw.{table} limit 1")
        for table in KEYS
        if table != "verdicts"
    ),
]

BY_PROMISE = {"every_source_landed", "every_leg_judged", "document_agreed", "document_current"}
"""Checks of what the two documents promise; no mutation of the warehouse makes these fail."""


def gate(
    database: Path,
    suite: Suite,
    *,
    deliveries: tuple[Delivery, ...] = DELIVERIES,
    judged_legs: tuple[str, ...] = tuple(LEGS),
    terms: Terms = TERMS,
) -> list[Finding]:
    checks: tuple[Check, ...] = (
        arrivals(deliveries, LIST_WEEK, judged_legs)
        if suite == "arrivals"
        else departures(LIST_WEEK, PUBLISH_ID, terms)
    )
    return run_checks(database, suite, checks, {"file_search_path": str(database.parent)})


def failed(findings: list[Finding]) -> set[str]:
    return {finding.check for finding in findings if not finding.passed}


@pytest.mark.parametrize("suite", ["arrivals", "departures"])
def test_a_sound_warehouse_passes_every_check(tmp_path: Path, suite: Suite) -> None:
    """Nothing fails that should not."""
    findings = gate(build_warehouse(tmp_path / "warehouse.duckdb"), suite)

    assert failed(findings) == set()
    assert all(finding.why and finding.expected for finding in findings)


@pytest.mark.parametrize(("check", "mutation"), DEPARTURES)
def test_departures_catch_their_mutation(tmp_path: Path, check: str, mutation: str) -> None:
    """A broken list makes the check that guards it fail, and no other."""
    database = build_warehouse(tmp_path / "warehouse.duckdb", mutations=mutation.split("; "))

    assert failed(gate(database, "departures")) == {check}


def test_points_that_were_rounded_reach_a_tier_together(tmp_path: Path) -> None:
    """What equals its threshold to two places does, and no less."""
    reaching = "update marts.target_accounts set alignment_score = {} where rank = 1"
    just, under = tmp_path / "just" / "warehouse.duckdb", tmp_path / "under" / "warehouse.duckdb"
    build_warehouse(just, mutations=[reaching.format(59.995)])
    build_warehouse(under, mutations=[reaching.format(59.9949)])

    assert failed(gate(just, "departures")) == set()
    assert failed(gate(under, "departures")) == {"tier_thresholds_reached"}


@pytest.mark.parametrize(("check", "mutation"), ARRIVALS)
def test_arrivals_catch_their_mutation(tmp_path: Path, check: str, mutation: str) -> None:
    """A broken batch makes the check that guards it fail, and no other."""
    database = build_warehouse(tmp_path / "warehouse.duckdb", mutations=mutation.split("; "))

    assert failed(gate(database, "arrivals")) == {check}


def test_every_check_has_a_mutation() -> None:
    """A check that was never seen to fail is no check."""
    checks = {check.name for check in arrivals(DELIVERIES, LIST_WEEK)}
    checks |= {check.name for check in departures(LIST_WEEK, PUBLISH_ID, TERMS)}

    assert checks == {name for name, _ in DEPARTURES + ARRIVALS} | BY_PROMISE


def test_a_source_that_never_landed_is_named(tmp_path: Path) -> None:
    """What sources.yml promises and nothing ever gave refuses the list; once for all its tables."""
    promised = [Delivery("crm", table, "", None, 0.15, False) for table in ("owners", "deals")]
    database = build_warehouse(tmp_path / "warehouse.duckdb")

    findings = gate(database, "arrivals", deliveries=promised)

    (missing,) = [finding for finding in findings if not finding.passed]
    assert (missing.check, missing.severity) == ("every_source_landed", "critical")
    assert missing.sample == ({"source": "crm", "tables": "deals, owners"},)


def test_a_leg_of_weight_0_is_a_banner_and_needs_no_data(tmp_path: Path) -> None:
    """Leaving people out on purpose is said, and their absence no longer refuses."""
    database = build_warehouse(
        tmp_path / "warehouse.duckdb", mutations=["delete from raw.contacts"]
    )

    findings = gate(database, "arrivals", judged_legs=("organisation", "issue"))

    shown = {f.check: f.severity for f in findings if not f.passed}
    assert shown == {"every_leg_judged": "warning", "people_leg_has_data": "info"}


@pytest.mark.parametrize(
    ("terms", "check"),
    [
        (replace(TERMS, sales=None), "document_agreed"),
        (replace(TERMS, marketing=None), "document_agreed"),
        (replace(TERMS, agreed_date=None), "document_agreed"),
        (replace(TERMS, agreed_date=date(2025, 11, 22)), "document_current"),
    ],
)
def test_a_document_not_agreed_or_out_of_date_is_a_banner(
    tmp_path: Path, terms: Terms, check: str
) -> None:
    """Each side and the date are asked for; a year and a day is too old; neither refuses."""
    database = build_warehouse(tmp_path / "warehouse.duckdb")

    (finding,) = [f for f in gate(database, "departures", terms=terms) if not f.passed]

    assert (finding.check, finding.severity) == (check, "warning")


@pytest.mark.parametrize("check", ["churn", "new_entries", "new_at_the_top"])
def test_a_changed_list_refuses_and_may_be_accepted(tmp_path: Path, check: str) -> None:
    """It can be true of the market, so a person may let it pass; nothing else of the list's."""
    mutation = dict(DEPARTURES)[check]
    database = build_warehouse(tmp_path / "warehouse.duckdb", mutations=mutation.split("; "))

    (finding,) = [f for f in gate(database, "departures") if not f.passed]

    assert (finding.severity, finding.acceptable) == ("critical", True)


def test_without_an_earlier_list_change_only_informs(tmp_path: Path) -> None:
    """The first list is all new, and nothing is wrong with that."""
    mutation = (
        changed("new", 30, rank="100 + i")
        + "; update marts.target_account_changes set change = 'new', previous_week = null, "
        "previous_rank = null; delete from raw.last_account_facts"
    )
    database = build_warehouse(tmp_path / "warehouse.duckdb", mutations=mutation.split("; "))

    assert failed(gate(database, "departures")) == set()


@pytest.mark.parametrize(
    "mutation",
    [
        "drop table marts.target_contacts",
        "alter table marts.target_accounts drop column alignment_score",
    ],
)
def test_a_check_that_cannot_look_counts_as_failed(tmp_path: Path, mutation: str) -> None:
    """A missing table or column refuses the list instead of skipping the check."""
    database = build_warehouse(tmp_path / "warehouse.duckdb", mutations=[mutation])

    broken = [f for f in gate(database, "departures") if "the check itself failed" in f.found]

    assert broken
    assert all(not finding.passed and finding.severity == "critical" for finding in broken)


def test_hostile_source_names_are_only_text(tmp_path: Path) -> None:
    """Quotes, braces and colons in a source's name neither break nor widen a query."""
    hostile = Delivery("a'b:c{d}%s\\", "signals", "x", 10, 0.15, False)
    database = build_warehouse(tmp_path / "warehouse.duckdb")

    findings = gate(database, "arrivals", deliveries=(hostile,))

    (shrunk,) = [finding for finding in findings if not finding.passed]
    assert shrunk.check == "volume_of_signals"
    assert shrunk.sample[0]["source"] == hostile.source


def test_all_that_is_found_is_counted_and_a_few_are_shown(tmp_path: Path) -> None:
    """However many rows a check finds."""
    database = build_warehouse(tmp_path / "warehouse.duckdb")
    query = "select n from range(1234) as numbers (n)"
    check = no_rows("many", "raw.batches", query, why="why", expected="none")

    (finding,) = run_checks(database, "arrivals", [check], {})

    assert (finding.found, len(finding.sample)) == ("1,234 rows", SAMPLE_ROWS)


def test_samples_show_no_personal_data(tmp_path: Path) -> None:
    """The rows shown for a suppressed person name the account, not the person."""
    mutation = SUPPRESS.format(kind="email", key="'ada@nordlicht.example'")
    database = build_warehouse(tmp_path / "warehouse.duckdb", mutations=[mutation])

    (finding,) = [f for f in gate(database, "departures") if not f.passed]

    assert finding.sample == ({"account_id": "a1", "people": 1},)


def test_what_no_check_uses_is_imported_once_something_uses_it() -> None:
    """Great Expectations is imported without scipy.stats, and its expectations find it there."""
    name = "great_expectations.expectations.core.expect_column_kl_divergence_to_be_less_than"

    assert sys.modules[name].stats.norm.cdf(0) == 0.5
