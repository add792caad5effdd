"""The gate's results as a page, published beside the list or written when it was refused."""

from __future__ import annotations

from pathlib import Path

from expectations.results import GateResults
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.publishing.files import sync_tree, write_text
from orchestration.publishing.pages import render


class GateRefused(ProspectError):
    """A critical check failed, so nothing was published; `page` says which and why."""

    def __init__(self, gate: GateResults, page: Path) -> None:
        self.page = page
        failed = ", ".join(f.check for f in gate.critical_failures) or "nothing was checked"
        super().__init__(f"the gate refused the list of {gate.list_week}: {failed}; see {page}")


def render_gate(gate: GateResults) -> str:
    """The page as HTML, failed findings first."""
    ranks = {"critical": 0, "warning": 1, "info": 2}
    findings = sorted(gate.findings, key=lambda f: (f.passed, ranks[f.severity]))
    return render("gate.html.j2", gate=gate, findings=findings)


def write_refusal(settings: Settings, gate: GateResults) -> Path:
    """Write refused/<list_week>/gate.html, replacing an earlier one of that week."""
    folder = settings.refused / gate.list_week.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "gate.html"
    temporary = folder / ".gate.html.partial"
    write_text(temporary, render_gate(gate))
    temporary.replace(page)
    sync_tree(folder)
    return page
