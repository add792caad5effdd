"""What follows from findings: refusal, banners, and a JSON form that loses nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from expectations.results import Finding, GateResults, Severity
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID

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


def test_results_survive_json() -> None:
    """Reading back what was written gives the same results."""
    results = GateResults(LIST_WEEK, PUBLISH_ID, (FINDING, replace(FINDING, passed=False)))

    assert GateResults.from_json(results.to_json()) == results
