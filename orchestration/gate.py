"""The gate as a step sees it: run a suite on a week's warehouse, keep what it found, hold back.

What belongs here: carrying results between steps and into Dagster. What is checked is in
`expectations/`; whether a list is published follows from the results alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import dagster as dg

from expectations.arrivals import arrivals
from expectations.checks import Check
from expectations.departures import departures
from expectations.files import files
from expectations.results import BROKEN, Acceptance, Finding, GateResults, Suite
from expectations.terms import NO_TERMS
from ingest.documents.sources import Sources
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.inputs import Inputs, deliveries, promised
from orchestration.publishing.gate_page import GateRefused, write_refusal
from orchestration.publishing.reading_back import read_back
from orchestration.publishing.version import published_files
from orchestration.warehouse import advised, connect, database_config, warehouse_file
from orchestration.worker import worker

ARRIVALS = "arrivals.json"
VERDICT = "gate.json"
# The names of checks are the same whatever the week.
ANY_WEEK = date(2000, 1, 3)
ACCEPT_TAG, BY_TAG, BECAUSE_TAG = "prospects/accept", "prospects/by", "prospects/because"


@dataclass(frozen=True)
class Judgement:
    """The findings so far of one week, and where they are kept for the next step."""

    results: GateResults
    folder: Path

    def save(self, name: str) -> None:
        """Keep the findings beside the warehouse they speak of."""
        (self.folder / name).write_text(self.results.to_json())

    def hold_back(self, settings: Settings, name: str) -> None:
        """Save; raise GateRefused, with its page written, when a critical finding failed."""
        self.save(name)
        if self.results.refused:
            raise GateRefused(self.results, write_refusal(settings, self.results))


def judge_arrivals(
    settings: Settings, sources: Sources, inputs: Inputs, acceptances: Sequence[Acceptance]
) -> Judgement:
    """The arrivals suite on the week's raw views."""
    checks = arrivals(deliveries(sources, inputs), inputs.list_week, inputs.judged_legs)
    results = GateResults(inputs.list_week, inputs.publish_id, ())
    return _judged(settings, results, "arrivals", checks, acceptances)


def judge_departures(
    settings: Settings, inputs: Inputs, acceptances: Sequence[Acceptance]
) -> Judgement:
    """The departures suite on the week's marts, after what the arrivals suite found."""
    folder = warehouse_file(settings, inputs.list_week).parent
    arrived = GateResults.from_json((folder / ARRIVALS).read_text())
    checks = departures(inputs.list_week, inputs.publish_id, inputs.terms)
    return _judged(settings, arrived, "departures", checks, acceptances)


def judge_files(settings: Settings, folder: Path, results: GateResults) -> GateResults:
    """The files suite on a version's folder, behind what the gate found before."""
    week = results.list_week
    with connect(settings, week) as connection:
        read_back(connection, folder, settings.home)
        expected = published_files(connection)
    checks = files(week, results.publish_id, expected)
    return _judged(settings, results, "files", checks, ()).results


def _judged(
    settings: Settings,
    before: GateResults,
    suite: Suite,
    checks: tuple[Check, ...],
    acceptances: Sequence[Acceptance],
) -> Judgement:
    path = warehouse_file(settings, before.list_week)
    findings = tuple(
        replace(finding, found=advised(settings, finding.found))
        if finding.found.startswith(BROKEN)
        else finding
        for finding in worker().check(path, suite, checks, database_config(settings))
    )
    results = before.with_findings(findings).accepting(acceptances)
    return Judgement(results, path.parent)


def read_verdict(settings: Settings, week: date) -> GateResults:
    """What the gate found on the week's warehouse; raises ProspectError when nobody asked it."""
    path = warehouse_file(settings, week).parent / VERDICT
    if not path.exists():
        raise ProspectError(f"the gate has not judged week {week}; materialize gate/verdict first")
    return GateResults.from_json(path.read_text())


def arrival_checks(sources: Sources, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The arrivals suite as Dagster sees it before anything ran."""
    return [_spec(check, key) for check in arrivals(promised(sources), ANY_WEEK)]


def departure_checks(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The departures suite as Dagster sees it before anything ran."""
    return [_spec(check, key) for check in departures(ANY_WEEK, "", NO_TERMS)]


def file_checks(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The files suite as Dagster sees it before anything ran."""
    return [_spec(check, key) for check in files(ANY_WEEK, "", ())]


def check_results(
    results: GateResults, key: dg.AssetKey, suite: Suite
) -> Iterator[dg.AssetCheckResult]:
    """The findings of a suite as Dagster's check results."""
    for finding in results.findings:
        if finding.suite == suite:
            yield _result(finding, key)


def acceptance_tags(acceptances: Sequence[Acceptance]) -> dict[str, str]:
    """The run tags that carry acceptances for one reason; in the UI they are typed so."""
    if not acceptances:
        return {}
    return {
        ACCEPT_TAG: ", ".join(acceptance.check for acceptance in acceptances),
        BY_TAG: acceptances[0].by,
        BECAUSE_TAG: acceptances[0].because,
    }


def acceptances_of(tags: Mapping[str, str]) -> list[Acceptance]:
    """The acceptances that a run's tags carry; raises ProspectError when a part is missing."""
    given = {name: tags.get(name, "").strip() for name in (ACCEPT_TAG, BY_TAG, BECAUSE_TAG)}
    if not any(given.values()):
        return []
    missing = ", ".join(name for name, value in given.items() if not value)
    if missing:
        raise ProspectError(
            f"accepting a finding takes the check, a name and a reason; missing: {missing}"
        )
    checks = (check.strip() for check in given[ACCEPT_TAG].split(","))
    return [Acceptance(check, given[BY_TAG], given[BECAUSE_TAG]) for check in checks if check]


def acceptable_checks(sources: Sources) -> list[str]:
    """The names of the checks that a person may let pass once."""
    checks = (*arrivals(promised(sources), ANY_WEEK), *departures(ANY_WEEK, "", NO_TERMS))
    return sorted(check.name for check in checks if check.acceptable)


def _spec(check: Check, key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(check.name, asset=key, description=check.why)


def _result(finding: Finding, key: dg.AssetKey) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if finding.refuses else dg.AssetCheckSeverity.WARN
    metadata = {"expected": finding.expected, "found": finding.found}
    if finding.accepted:
        metadata["accepted"] = f"{finding.accepted.by}: {finding.accepted.because}"
    return dg.AssetCheckResult(
        passed=finding.passed,
        asset_key=key,
        check_name=finding.check,
        severity=severity,
        metadata=metadata,
    )
