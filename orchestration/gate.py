"""The gate as a step sees it: run a suite on a week's warehouse, keep what it found, hold back.

What belongs here: carrying results between steps and into Dagster. What is checked is in
`expectations/`; whether a list is published follows from the results alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg

from expectations.arrivals import arrivals
from expectations.checks import Check
from expectations.departures import departures
from expectations.results import Finding, GateResults
from ingest.documents.sources import Sources
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.inputs import Inputs, deliveries, promised
from orchestration.publishing.gate_page import GateRefused, write_refusal
from orchestration.warehouse import warehouse_file

ARRIVALS = "arrivals.json"
VERDICT = "gate.json"


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


def judge_arrivals(settings: Settings, sources: Sources, inputs: Inputs) -> Judgement:
    """The arrivals suite on the week's raw views."""
    from expectations.runner import run_suite

    path = warehouse_file(settings, inputs.list_week)
    findings = run_suite(
        path,
        "arrivals",
        inputs.list_week,
        inputs.publish_id,
        home=settings.home,
        deliveries=deliveries(settings, sources, inputs),
        judged_legs=inputs.judged_legs,
    )
    results = GateResults(inputs.list_week, inputs.publish_id, tuple(findings))
    return Judgement(results, path.parent)


def judge_departures(settings: Settings, inputs: Inputs) -> Judgement:
    """The departures suite on the week's marts, after what the arrivals suite found."""
    from expectations.runner import run_suite

    path = warehouse_file(settings, inputs.list_week)
    arrived = GateResults.from_json((path.parent / ARRIVALS).read_text())
    findings = run_suite(
        path, "departures", inputs.list_week, inputs.publish_id, home=settings.home
    )
    results = GateResults(inputs.list_week, inputs.publish_id, (*arrived.findings, *findings))
    return Judgement(results, path.parent)


def read_verdict(settings: Settings, week: date) -> GateResults:
    """What the gate found on the week's warehouse; raises ProspectError when nobody asked it."""
    path = warehouse_file(settings, week).parent / VERDICT
    if not path.exists():
        raise ProspectError(f"the gate has not judged week {week}; materialize gate/verdict first")
    return GateResults.from_json(path.read_text())


def arrival_checks(sources: Sources, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The arrivals suite as Dagster sees it before anything ran."""
    return [_spec(check, key) for check in arrivals(promised(sources))]


def departure_checks(week: date, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The departures suite as Dagster sees it before anything ran."""
    return [_spec(check, key) for check in departures(week, "")]


def check_results(
    judgement: Judgement, key: dg.AssetKey, suite: str = "arrivals"
) -> Iterator[dg.AssetCheckResult]:
    """The findings of a suite as Dagster's check results."""
    for finding in judgement.results.findings:
        if finding.suite == suite:
            yield _result(finding, key)


def _spec(check: Check, key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(check.name, asset=key, description=check.why)


def _result(finding: Finding, key: dg.AssetKey) -> dg.AssetCheckResult:
    severity = (
        dg.AssetCheckSeverity.ERROR
        if finding.severity == "critical"
        else dg.AssetCheckSeverity.WARN
    )
    return dg.AssetCheckResult(
        passed=finding.passed,
        asset_key=key,
        check_name=finding.check,
        severity=severity,
        metadata={"expected": finding.expected, "found": finding.found},
    )
