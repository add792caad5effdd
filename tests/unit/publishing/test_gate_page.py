"""The gate's results are understood by whoever opens them, and run nothing in any browser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from expectations.results import Acceptance, Finding, GateResults
from orchestration.publishing.gate_page import gate_markdown, render_gate
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID

CHURN = Finding(
    "churn",
    "departures",
    "critical",
    False,
    "When most accounts vanish, something broke.",
    "at most 50 % leave",
    "1 row",
    None,
    ({"listed_before": 40, "left_the_list": 31, "source": "<b>|`x`"},),
    acceptable=True,
)
RANKS = replace(CHURN, check="ranks_dense", acceptable=False, sample=())
FILES = replace(RANKS, check="files_complete", suite="files", passed=True)


def results(*findings: Finding) -> GateResults:
    return GateResults(LIST_WEEK, PUBLISH_ID, findings)


@pytest.mark.parametrize("finding", [CHURN, RANKS, FILES])
def test_each_check_is_told_with_its_why(finding: Finding) -> None:
    """What was checked, why it matters and what was expected, whether it passed or failed."""
    page = render_gate(results(finding))

    assert finding.check.replace("_", " ").capitalize() in page
    assert finding.why in page
    assert finding.expected in page


def test_a_refusal_says_what_stays_in_force() -> None:
    """The version that readers go on seeing, or that there is none."""
    assert "2026-11-16-aaaaaaaaaaaa" in render_gate(results(RANKS), "2026-11-16-aaaaaaaaaaaa")
    assert "no list was published before" in render_gate(results(RANKS))


def test_only_what_may_be_accepted_is_offered_for_it() -> None:
    """The page names the way for churn and says no for ranks."""
    assert "--accept churn" in render_gate(results(CHURN))
    assert "--accept" not in render_gate(results(RANKS))


def test_an_acceptance_is_signed_on_the_page() -> None:
    """Who let it pass and why; and the list counts as passed."""
    signed = replace(CHURN, accepted=Acceptance("churn", "Ada Example", "two markets left"))
    page = render_gate(results(signed))

    assert "passed the gate" in page
    assert "Accepted by Ada Example" in page
    assert "two markets left" in page


def test_a_gate_without_checks_says_so() -> None:
    """Nothing checked is told as the reason for the refusal."""
    assert "what isn't checked isn't published" in render_gate(results()).replace("&#39;", "'")


def test_samples_are_only_text() -> None:
    """Values from sources are escaped, in the page and in Markdown, where they break no row."""
    assert "<b>|" not in render_gate(results(CHURN))
    markdown = gate_markdown(results(CHURN, FILES))
    assert "<b>" not in markdown
    (row,) = [line for line in markdown.splitlines() if "churn" in line]
    assert row.replace("\\|", "").count("|") == 6
