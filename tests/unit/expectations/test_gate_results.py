"""What follows from findings: refusal, banners, and a JSON form that loses nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from expectations.results import Acceptance, Finding, GateResults, Severity
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID

ACCEPTANCE = Acceptance("a", "Ada Example", "the vendor has dropped its smallest companies")
FINDING = Finding(
    "a", "departures", "critical", True, "why", "expected", "found", "name", ({"n": 1},)
)


@pytest.mark.parametrize(
    ("severity", "passed", "refused", "banners"),
    [
        ("critical", True, False, 0),
        ("critical", False, True, 0),
        ("warning", False, False, 1),
        ("info", False, False, 1),
    ],
)
def test_only_failed_critical_findings_refuse(
    severity: Severity, passed: bool, refused: bool, banners: int
) -> None:
    """Critical failures refuse, other failures become banners."""
    finding = replace(FINDING, severity=severity, passed=passed)
    results = GateResults(LIST_WEEK, PUBLISH_ID, (finding,))

    assert (results.refused, len(results.banners)) == (refused, banners)


def test_a_gate_that_checked_nothing_refuses() -> None:
    """No findings at all is no pass."""
    assert GateResults(LIST_WEEK, PUBLISH_ID, ()).refused


@pytest.mark.parametrize(
    ("change", "is_let_pass"),
    [
        ({"acceptable": True}, True),
        ({}, False),
        ({"acceptable": True, "check": "b"}, False),
    ],
)
def test_only_the_accepted_check_passes_and_only_where_it_may(
    change: dict[str, Any], is_let_pass: bool
) -> None:
    """Another check, or one that nobody may accept, goes on refusing; what passes is a banner."""
    finding = replace(FINDING, passed=False, **change)
    results = GateResults(LIST_WEEK, PUBLISH_ID, (finding,)).accepting([ACCEPTANCE])

    assert results.refused is not is_let_pass
    assert len(results.banners) == int(is_let_pass)


def test_a_check_that_passed_needs_no_acceptance() -> None:
    """It isn't written beside what was right anyway."""
    results = GateResults(LIST_WEEK, PUBLISH_ID, (replace(FINDING, acceptable=True),))

    assert results.accepting([ACCEPTANCE]) == results


def test_results_survive_json() -> None:
    """Reading back what was written gives the same results."""
    accepted = replace(FINDING, passed=False, acceptable=True, accepted=ACCEPTANCE)
    results = GateResults(LIST_WEEK, PUBLISH_ID, (FINDING, accepted))

    assert GateResults.from_json(results.to_json()) == results
