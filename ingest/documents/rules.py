"""What must hold across the parts of a perfect customer document.

Belongs here: rules that look at more than one value. They read the plain values and step over
whatever has no sensible shape, so that a mistake in one place never hides one in another. What can
be judged of one value alone belongs to its field in `perfect_customer.py` or `conditions.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.documents.conditions import OPERATORS
from ingest.documents.findings import Location
from ingest.documents.lines import Document, dotted

Finding = tuple[Location, str]

# What a kind of signal has to match on; a kind that is False may also count by merely happening.
MATCHED_BY: dict[str, tuple[tuple[str, ...], bool]] = {
    "topic_surge": (("topics",), True),
    "research": (("topics", "words"), True),
    "job_posting": (("words",), True),
    "filing": (("topics", "words"), True),
    "news": (("topics", "words"), True),
    "technology": (("topics", "words"), True),
    "funding": (("topics", "words"), False),
    "web_visit": (("topics", "words"), False),
}


def broken_rules(document: Document, criterion_names: frozenset[str]) -> Iterator[Finding]:
    """Each broken rule as the place of the mistake and a message."""
    yield from _one_operator(document, criterion_names)
    for rule in (_distinct_ids, _evidence_matches, _kinds_enough, _legs_filled):
        yield from rule(document)


def _mappings(document: Document, *location: str) -> list[tuple[Location, dict[str, Any]]]:
    """The mappings of a list in the document, with their locations."""
    values = document.at(location)
    items = enumerate(values if isinstance(values, list) else [])
    return [((*location, i), value) for i, value in items if isinstance(value, dict)]


def _conditions(document: Document) -> list[tuple[Location, dict[str, Any]]]:
    criteria = _mappings(document, "organisations", "criteria")
    return criteria + _mappings(document, "organisations", "disqualifiers")


def _one_operator(document: Document, known: frozenset[str]) -> Iterator[Finding]:
    for location, item in _conditions(document):
        given = [name for name in OPERATORS if item.get(name) is not None]
        may_be_misspelt = not given and set(item) - known
        if len(given) != 1 and not may_be_misspelt:
            seen = " and ".join(given) or "none"
            yield location, f"expected one operator of {', '.join(OPERATORS)}; found {seen}"


def _distinct_ids(document: Document) -> Iterator[Finding]:
    """Ids tell reasons apart, so they are unique over all legs; tiers have ids of their own."""
    named = [*_conditions(document), *_mappings(document, "people", "roles")]
    named += _mappings(document, "issues")
    yield from _repeated(document, named)
    yield from _repeated(document, _mappings(document, "ranking", "tiers"))


def _repeated(
    document: Document, items: list[tuple[Location, dict[str, Any]]]
) -> Iterator[Finding]:
    first: dict[str, Location] = {}
    for location, item in items:
        name = item.get("id")
        if isinstance(name, str) and first.setdefault(name, location) != location:
            earlier = (*first[name], "id")
            where = f"{dotted(first[name])} on line {document.line(earlier)}"
            message = f'"{name}" is also the id of {where}; expected an id of its own'
            yield (*location, "id"), message


def _evidence(document: Document) -> Iterator[tuple[Location, dict[str, Any]]]:
    for location, _ in _mappings(document, "issues"):
        yield from _mappings(document, *location, "evidence")  # type: ignore[arg-type]


def _evidence_matches(document: Document) -> Iterator[Finding]:
    for location, item in _evidence(document):
        matched_by, is_needed = MATCHED_BY.get(str(item.get("kind")), (("topics", "words"), False))
        for name in sorted({"topics", "words"} & set(item) - set(matched_by)):
            message = f"signals of the kind {item['kind']} have no {name}; expected {matched_by[0]}"
            yield (*location, name), message
        if is_needed and not {"topics", "words"} & set(item):
            yield location, f"expected {' or '.join(matched_by)} for the kind {item['kind']}"


def _kinds_enough(document: Document) -> Iterator[Finding]:
    for location, issue in _mappings(document, "issues"):
        items = _mappings(document, *location, "evidence")  # type: ignore[arg-type]
        kinds = sorted({str(item.get("kind")) for _, item in items})
        needed = issue.get("kinds_needed")
        if isinstance(needed, int) and needed > len(kinds) > 0:
            listed = f"the number of kinds in its evidence ({', '.join(kinds)})"
            message = f"expected at most {len(kinds)}, {listed}, found {needed}"
            yield (*location, "kinds_needed"), message


def _legs_filled(document: Document) -> Iterator[Finding]:
    """A leg that counts needs something to earn points by."""
    for leg, location in (
        ("organisation", ("organisations", "criteria")),
        ("people", ("people", "roles")),
        ("issue", ("issues",)),
    ):
        weight = document.at(("ranking", "weights", leg))
        items = document.at(location)
        counts = isinstance(weight, (int, float)) and weight > 0 and isinstance(items, list)
        if counts and not any(_can_earn(leg, item) for item in items):
            wanted = "one issue" if leg == "issue" else "one with points above 0"
            way_out = f"ranking.weights.{leg}: 0 to leave the leg out"
            yield location, f"expected at least {wanted}, or {way_out}"


def _can_earn(leg: str, item: Any) -> bool:
    """Whether points can come from an item; one whose points are mistaken is given the benefit."""
    points = item.get("points") if isinstance(item, dict) and leg != "issue" else 1
    return not isinstance(points, (int, float)) or points > 0
