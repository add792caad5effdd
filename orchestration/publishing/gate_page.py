"""The gate's results for people: as a page beside the list or in its place, and as Markdown."""

from __future__ import annotations

from pathlib import Path

from expectations.results import Finding, GateResults
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.publishing.files import sync_tree, write_text
from orchestration.publishing.pages import plain_markdown, render, words

SUITES = {
    "arrivals": "What arrived",
    "departures": "The list that was made of it",
    "files": "The files that leave",
}
"""The suites in the order of the work, as headings."""

_RANKS = {"critical": 0, "warning": 1, "info": 2}


class GateRefused(ProspectError):
    """A critical check failed, so nothing was published; `page` says which and why."""

    def __init__(self, gate: GateResults, page: Path) -> None:
        self.gate = gate
        self.page = page
        failed = ", ".join(f"{f.check} ({f.found})" for f in gate.critical_failures)
        super().__init__(
            f"the gate refused the list of {gate.list_week}: {failed or 'nothing was checked'}; "
            f"see {page}"
        )


def render_gate(gate: GateResults, in_force: str | None = None) -> str:
    """The page as HTML: what needs attention first, then everything by suite.

    `in_force` is the version that readers go on seeing where the list was refused, None where
    nothing was published before.
    """
    return render(
        "gate.html.j2",
        gate=gate,
        in_force=in_force,
        attention=sorted((f for f in gate.findings if not f.passed), key=_weight),
        suites={
            title: [f for f in gate.findings if f.suite == suite and f.passed]
            for suite, title in SUITES.items()
        },
    )


def gate_markdown(gate: GateResults) -> str:
    """What the page says, as a table of Markdown for Dagster's metadata."""
    verdict = "Refused" if gate.refused else "Passed"
    failed = sorted((f for f in gate.findings if not f.passed), key=_weight)
    passed = len(gate.findings) - len(failed)
    lines = [f"**{verdict}**: {passed} of {len(gate.findings)} checks passed.", ""]
    if failed:
        lines += ["| result | check | why it matters | expected | found |", "|---|---|---|---|---|"]
        lines += [_markdown_row(finding) for finding in failed]
    return "\n".join(lines)


def write_refusal(settings: Settings, gate: GateResults) -> Path:
    """Write refused/<list_week>/gate.html, replacing an earlier one of that week."""
    folder = settings.refused / gate.list_week.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "gate.html"
    temporary = folder / ".gate.html.partial"
    write_text(temporary, render_gate(gate, _in_force(settings)))
    temporary.replace(page)
    sync_tree(folder)
    return page


def _in_force(settings: Settings) -> str | None:
    latest = settings.published / "latest"
    return latest.resolve().name if latest.exists() else None


def _weight(finding: Finding) -> tuple[bool, int]:
    return not finding.refuses, _RANKS[finding.severity]


def _markdown_row(finding: Finding) -> str:
    result = "refused" if finding.refuses else finding.severity
    if finding.accepted:
        result = f"accepted by {finding.accepted.by}: {finding.accepted.because}"
    shown = "; ".join(
        ", ".join(f"{name} {value}" for name, value in row.items()) for row in finding.sample
    )
    found = f"{finding.found} ({shown})" if shown else finding.found
    cells = (result, words(finding.check), finding.why, finding.expected, found)
    return f"| {' | '.join(plain_markdown(cell) for cell in cells)} |"
