"""Each check of the gate has a mutation that makes exactly that one fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.arrivals import KEYS, Delivery, arrivals
from expectations.departures import departures
from expectations.results import Finding, Suite
from expectations.runner import run_suite
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID, build_warehouse

DELIVERIES = (
    Delivery("crm", "companies", "2026-11-23-aaaaaaaaaaaa", 5, 0.15, True),
    Delivery("crm", "contacts", "2026-11-23-bbbbbbbbbbbb", None, 0.15, False),
    Delivery("intent", "signals", "2026-11-23-cccccccccccc", 3, 0.15, False),
    Delivery("do_not_contact", "suppressions", "2026-11-23-eeeeeeeeeeee", 3, 0.15, True),
)

SUPPRESS = (
    "insert into raw.suppressions (source, batch_id, key_kind, key, reason, until_date) "
    "values ('do_not_contact', 'b', '{kind}', {key}, 'do_not_contact', null)"
)

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
    ("known_in_time", "update marts.target_accounts set is_known_later = true where rank = 1"),
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

BY_PROMISE = {"every_source_landed", "every_leg_judged"}
"""Checks of what the two documents promise; no mutation of the warehouse makes these fail."""

ALONGSIDE = {"volume": {"required_tables_filled"}, "required_tables_filled": {"volume"}}
"""An empty required table has also shrunk, so these two may fail together."""


def gate(database: Path, suite: Suite) -> list[Finding]:
    return run_suite(
        database, suite, LIST_WEEK, PUBLISH_ID, home=database.parent, deliveries=DELIVERIES
    )


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


@pytest.mark.parametrize(("check", "mutation"), ARRIVALS)
def test_arrivals_catch_their_mutation(tmp_path: Path, check: str, mutation: str) -> None:
    """A broken batch makes the check that guards it fail, and no other."""
    database = build_warehouse(tmp_path / "warehouse.duckdb", mutations=mutation.split("; "))

    found = failed(gate(database, "arrivals"))

    assert check in found
    assert found <= {check} | ALONGSIDE.get(check, set())


def test_every_check_has_a_mutation() -> None:
    """A check that was never seen to fail is no check."""
    checks = {check.name for check in arrivals(DELIVERIES)}
    checks |= {check.name for check in departures(LIST_WEEK, PUBLISH_ID)}

    assert checks == {name for name, _ in DEPARTURES + ARRIVALS} | BY_PROMISE


def test_a_source_that_never_landed_is_named(tmp_path: Path) -> None:
    """What sources.yml promises and nothing ever gave refuses the list."""
    promised = Delivery("crm", "deals", "", None, 0.15, False)
    database = build_warehouse(tmp_path / "warehouse.duckdb")

    findings = run_suite(
        database, "arrivals", LIST_WEEK, PUBLISH_ID, home=tmp_path, deliveries=[promised]
    )

    (missing,) = [finding for finding in findings if not finding.passed]
    assert (missing.check, missing.severity) == ("every_source_landed", "critical")
    assert missing.sample[0]["table_name"] == "deals"


def test_a_leg_of_weight_0_is_a_banner_and_needs_no_data(tmp_path: Path) -> None:
    """Leaving people out on purpose is said, and their absence no longer refuses."""
    database = build_warehouse(
        tmp_path / "warehouse.duckdb", mutations=["delete from raw.contacts"]
    )

    findings = run_suite(
        database,
        "arrivals",
        LIST_WEEK,
        PUBLISH_ID,
        home=tmp_path,
        judged_legs=("organisation", "issue"),
    )

    shown = {f.check: f.severity for f in findings if not f.passed}
    assert shown == {"every_leg_judged": "warning", "people_leg_has_data": "info"}


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

    findings = run_suite(
        database, "arrivals", LIST_WEEK, PUBLISH_ID, home=tmp_path, deliveries=[hostile]
    )

    (shrunk,) = [finding for finding in findings if not finding.passed]
    assert shrunk.check == "volume_of_signals"
    assert shrunk.sample[0]["source"] == hostile.source


def test_samples_show_no_personal_data(tmp_path: Path) -> None:
    """The rows shown for a suppressed person name the account, not the person."""
    mutation = SUPPRESS.format(kind="email", key="'ada@nordlicht.example'")
    database = build_warehouse(tmp_path / "warehouse.duckdb", mutations=[mutation])

    (finding,) = [f for f in gate(database, "departures") if not f.passed]

    assert finding.sample == ({"account_id": "a1", "people": 1},)
