"""The page of the perfect customer: the document as both teams read and share it.

Here belongs what the page shows and in which order, and which earlier document it is held against.
Not here: how parts of the document are put into words (`perfect_customer_words`), what differs
between two documents (`perfect_customer_changes`) and how the page looks
(`templates/perfect_customer.html.j2`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from expectations.terms import VALID_DAYS
from orchestration.explanations import LEG_TITLES
from orchestration.publishing import perfect_customer_words
from orchestration.publishing.pages import long_date, render
from orchestration.publishing.perfect_customer_changes import PartChange, document_changes
from orchestration.publishing.perfect_customer_words import Content, agreed_on

FAMILIES = {
    "demographic": "Who they are on paper.",
    "structural": "How they are built and how they grow.",
    "behavioural": "How they inform themselves and how they buy.",
    "environmental": "The conditions they work under.",
    "situational": "What is happening to them just now.",
}
"""The families of criteria in the order of the page, each with what it is about."""

SEVERITIES = {
    "critical": "gets action",
    "important": "gets engagement",
    "interesting": "gets interest",
}
"""How much an issue matters to who has it, highest first, each with what it moves them to."""


@dataclass(frozen=True)
class Weighed:
    """A criterion, role or issue with its points, and their share of its leg's positive points."""

    part: Content
    points: float
    share_pct: float | None


@dataclass(frozen=True)
class Family:
    """The criteria of a family, and what all they can earn is of the whole."""

    name: str
    meaning: str
    share_pct: float
    criteria: tuple[Weighed, ...]


def render_perfect_customer(
    document: Mapping[str, Any],
    earlier: Mapping[str, Any] | None,
    earlier_week: date | None,
    list_week: date,
) -> str:
    """The document of a publication as HTML, with what changed since the earlier one.

    Both are as a manifest holds them; the earlier one was used last for the list of
    `earlier_week`. Whether the agreement is too old is judged by the list week.
    """
    content = document["content"]
    changes = document_changes(earlier["content"], content) if earlier else None
    return render(
        "perfect_customer.html.j2",
        say=perfect_customer_words,
        document=document,
        content=content,
        list_week=list_week,
        agreed_on=agreed_on(content),
        cautions=list(_cautions(content, list_week)),
        families=_families(content["organisations"]["criteria"]),
        roles=_weighed(content["people"]["roles"]),
        issues=_issues(content),
        severities=SEVERITIES,
        legs=LEG_TITLES,
        earlier=earlier,
        earlier_week=earlier_week,
        changes=changes,
        marks=_marks(changes or {}),
    )


def earlier_document(
    published: Path, linked: Mapping[date, str], list_week: date, sha256: str
) -> tuple[date, Mapping[str, Any]] | None:
    """The newest earlier published week that used another document, and that document.

    `linked` gives the publish id that each week's link names. Versions that don't keep the whole
    document are passed over.
    """
    for week in sorted((week for week in linked if week < list_week), reverse=True):
        document = _document(published / ".versions" / linked[week] / "manifest.json")
        if "content" in document and document["sha256"] != sha256:
            return week, document
    return None


def other_documents(published: Path, linked: Mapping[date, str], sha256: str) -> dict[date, int]:
    """The version of the document by published week, where it was another than that of the hash."""
    documents = {
        week: _document(published / ".versions" / version / "manifest.json")
        for week, version in linked.items()
    }
    return {
        week: document["version"]
        for week, document in documents.items()
        if document and document["sha256"] != sha256
    }


def _document(manifest: Path) -> Mapping[str, Any]:
    if not manifest.exists():
        return {}
    document: Mapping[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["document"]
    return document


def _cautions(content: Content, list_week: date) -> Iterator[str]:
    """What keeps the document from being one that both sides stand by today."""
    for side in ("sales", "marketing"):
        if not content["agreed"].get(side):
            yield f"{side.capitalize()} has not agreed to this version."
    day = agreed_on(content)
    if day is None:
        yield "It has no date of agreement, so nobody can tell how old it is."
    elif day < list_week - timedelta(days=VALID_DAYS):
        yield (
            f"It was agreed on {long_date(day)}, more than a year before the list of "
            f"{long_date(list_week)}: both sides should go through it and agree again."
        )


def _weighed(parts: Sequence[Content]) -> list[Weighed]:
    """The parts from the most points to the fewest, negative ones last."""
    whole = sum(part["points"] for part in parts if part["points"] > 0)
    weighed = [
        Weighed(part, part["points"], 100 * part["points"] / whole if whole else None)
        for part in parts
    ]
    return sorted(weighed, key=lambda weighed: -weighed.points)


def _families(criteria: Sequence[Content]) -> list[Family]:
    weighed = _weighed(criteria)
    return [
        _family(name, meaning, [row for row in weighed if row.part["family"] == name])
        for name, meaning in FAMILIES.items()
    ]


def _family(name: str, meaning: str, criteria: Sequence[Weighed]) -> Family:
    share = sum(max(row.share_pct or 0, 0) for row in criteria)
    return Family(name, meaning, share, tuple(criteria))


def _issues(content: Content) -> dict[str, list[Weighed]]:
    """The issues by severity, most points first; their share is of 100, where urgency ends."""
    ranking = content["ranking"]
    weighed = [
        (issue, ranking["issue_points"][issue["severity"]] * _factor(issue, ranking))
        for issue in content["issues"]
    ]
    return {
        severity: sorted(
            (Weighed(i, p, min(p, 100)) for i, p in weighed if i["severity"] == severity),
            key=lambda row: -row.points,
        )
        for severity in SEVERITIES
    }


def _factor(issue: Content, ranking: Content) -> float:
    factor: float = ranking["advantage_factor"][issue["advantage"]]
    return factor


def _marks(changes: Mapping[str, Sequence[PartChange]]) -> dict[str, str]:
    """By the id of each part that is there, whether it is new or changed."""
    words = {"added": "new", "changed": "changed"}
    return {
        part.name: words[part.change]
        for parts in changes.values()
        for part in parts
        if part.change in words
    }
