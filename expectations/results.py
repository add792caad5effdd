"""What the gate found, as data.

Here belong the findings, what follows from them (refuse, accept once, show a banner) and their JSON
form.
Not here: what is checked (`arrivals`, `departures`) and how (`runner`). Nothing here imports
Great Expectations, so that whoever reads results pays nothing for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

Severity = Literal["critical", "warning", "info"]
Suite = Literal["arrivals", "departures", "files"]

BROKEN = "the check itself failed: "
"""How what was found begins where a check could not look."""


@dataclass(frozen=True)
class Acceptance:
    """Someone's signature under one check: it may fail this once, and the list goes out."""

    check: str
    by: str
    because: str


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: what was expected, what was found, and why anyone should care.

    `sample` holds a few of the offending rows by their ids, never personal data. `accepted` is set
    where a critical one was let pass.
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
    acceptable: bool = False
    accepted: Acceptance | None = None

    @property
    def refuses(self) -> bool:
        """Whether this finding alone holds the list back."""
        return not self.passed and self.severity == "critical" and self.accepted is None

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Finding:
        """Read back one finding as `asdict` made it."""
        accepted = content.get("accepted")
        return cls(
            **content
            | {
                "sample": tuple(content.get("sample", ())),
                "accepted": Acceptance(**accepted) if accepted else None,
            }
        )


@dataclass(frozen=True)
class GateResults:
    """All findings of one list week; whether the list may be published follows from them alone."""

    list_week: date
    publish_id: str
    findings: tuple[Finding, ...]

    @property
    def critical_failures(self) -> tuple[Finding, ...]:
        """The failed findings that hold the list back."""
        return tuple(finding for finding in self.findings if finding.refuses)

    @property
    def refused(self) -> bool:
        """True when a critical check failed, and also when nothing was checked at all."""
        return bool(self.critical_failures) or not self.findings

    @property
    def banners(self) -> tuple[Finding, ...]:
        """The failed findings that are shown on the list but don't hold it back."""
        return tuple(f for f in self.findings if not f.passed and not f.refuses)

    def accepting(self, acceptances: Sequence[Acceptance]) -> GateResults:
        """The results with the accepted checks let pass, where they may be and failed."""
        signed = {acceptance.check: acceptance for acceptance in acceptances}
        return replace(self, findings=tuple(_accepted(f, signed) for f in self.findings))

    def with_findings(self, further: tuple[Finding, ...]) -> GateResults:
        """The results with those of a further suite behind them."""
        return replace(self, findings=(*self.findings, *further))

    def to_json(self) -> str:
        """The results as JSON text, the same bytes for the same results."""
        content = asdict(self) | {"list_week": self.list_week.isoformat()}
        return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> GateResults:
        """Read back what `to_json` wrote."""
        content = json.loads(text)
        findings = tuple(map(Finding.from_dict, content["findings"]))
        return cls(date.fromisoformat(content["list_week"]), content["publish_id"], findings)


def _accepted(finding: Finding, signed: Mapping[str, Acceptance]) -> Finding:
    fits = finding.check in signed and finding.acceptable and finding.refuses
    return replace(finding, accepted=signed[finding.check]) if fits else finding
