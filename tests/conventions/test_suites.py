"""What every check of the gate states about itself."""

from datetime import date

from expectations.arrivals import KEYS, arrivals
from expectations.checks import Check
from expectations.departures import departures
from expectations.files import files
from expectations.terms import NO_TERMS
from ingest.documents.sources import load_sources
from ingest.settings import PROJECT
from ingest.tables import TABLES
from orchestration.inputs import promised

SENTENCE = 30
WEEK = date(2026, 1, 5)


def test_every_expectation_says_why() -> None:
    """A failure is read by marketers: it says why it matters and what was expected."""
    assert not [c.name for c in _checks() if len(c.why) < SENTENCE or not c.why.endswith(".")]
    assert not [check.name for check in _checks() if not check.expected]


def test_expectations_have_names_of_their_own() -> None:
    """A name is what a finding, a Dagster check and an acceptance refer to."""
    names = [check.name for check in _checks()]

    assert len(names) == len(set(names))


def test_a_row_is_one_to_the_gate_as_it_is_to_the_landing() -> None:
    """Else it refuses what landed rightly. Answers of sales may name no company by its id, or by
    its domain, so that of their key only a part must be filled in."""
    keys = {table: TABLES[table].key for table in KEYS if table != "verdicts"}

    assert {table: KEYS[table] for table in keys} == keys


def _checks() -> tuple[Check, ...]:
    sources = load_sources(PROJECT / "sources.yml")
    return (
        *arrivals(promised(sources), WEEK),
        *departures(WEEK, "2026-01-05-abc", NO_TERMS),
        *files(WEEK, "2026-01-05-abc", ()),
    )
