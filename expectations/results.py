"""What the gate found, as data.

Here belong the findings, what follows from them (refuse, show a banner) and their JSON form.
Not here: what is checked (`arrivals`, `departures`) and how (`runner`). Nothing here imports
Great Expectations, so that whoever reads results pays nothing for it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

Severity = Literal["critical", "warning", "info"]
Suite = Literal["arrivals", "departures"]


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: what was expected, what was found, and why anyone should care.

    `sample` holds a few of the offending rows by their ids, never personal data.
    """

    check: str
    suite: Suite
    severity: Severity
    passed: bool
    why: str
    expected: str
    found: str
    column: str | None = None
    sample: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True)
class GateResults:
    """All findings of one list week; whether the list may be published follows from them alone."""

    list_week: date
    publish_id: str
    findings: tuple[Finding, ...]

    @property
    def critical_failures(self) -> tuple[Finding, ...]:
        """The failed findings that hold the list back."""
        return tuple(f for f in self.findings if not f.passed and f.severity == "critical")

    @property
    def refused(self) -> bool:
        """True when a critical check failed, and also when nothing was checked at all."""
        return bool(self.critical_failures) or not self.findings

    @property
    def banners(self) -> tuple[Finding, ...]:
        """The failed findings that are shown on the list but don't hold it back."""
        return tuple(f for f in self.findings if not f.passed and f.severity != "critical")

    def to_json(self) -> str:
        """The results as JSON text, the same bytes for the same results."""
        content = asdict(self) | {"list_week": self.list_week.isoformat()}
        return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> GateResults:
        """Read back what `to_json` wrote."""
        content = json.loads(text)
        findings = (Finding(**(f | {"sample": tuple(f["sample"])})) for f in content["findings"])
        return cls(date.fromisoformat(content["list_week"]), content["publish_id"], tuple(findings))
