"""GLEIF's API: the records that filters name, page by page, with their parents.

What belongs here: asking, and the fields of an answer. What doesn't: what becomes of the fields
(`entities.py`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import polars as pl

from ingest.errors import SourceNotFound, SourceRejected, SourceUnavailable
from ingest.gleif.entities import (
    EDGE,
    ENTITY,
    FIELDS,
    LEI,
    NO_COMPANY,
    STREETS,
    Filters,
    companies,
    relationships,
)
from ingest.http import SourceSession, shown
from ingest.json_values import at, items_of, text_of, texts_of
from ingest.pages import pages
from ingest.records import frames

PAGE_SIZE = 200
LEIS_PER_REQUEST = 100
MOST_REQUESTS = 3_500
MOST_FAILURES = 0.5
PATH = "/api/v1/lei-records"
OTHER_NAMES = ("entity.otherNames", "entity.transliteratedOtherNames")
LEVELS = {
    "direct-parent": "parent_exception",
    "ultimate-parent": "ultimate_parent_exception",
    "head-office": None,
}
LINKS = {"relationship-record": "relationship", "reporting-exception": "reporting-exception"}


class Api(NamedTuple):
    """Where the API answers whom, and whether each record's parents are asked for."""

    source: str
    session: SourceSession
    base_url: str
    parents: bool

    @property
    def address(self) -> str:
        """Where the records are."""
        return self.base_url.rstrip("/") + PATH


def read(api: Api, filters: Filters, counts: Counter[str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The records that were asked for; then their parents, and the parents of those."""
    edges: list[dict[str, Any]] = []
    seen: set[str] = set()

    def entities(records: Iterable[Any]) -> Iterator[dict[str, Any]]:
        for record in records:
            entity = _entity(record)
            if entity["lei"] in seen:
                # Pages shift while data changes.
                continue
            seen.add(str(entity["lei"]))
            if entity["registration_status"] in NO_COMPANY:
                counts["left out: duplicate or annulled"] += 1
                continue
            if api.parents and re.fullmatch(LEI, entity["lei"] or ""):
                entity |= _parents(api, str(entity["lei"]), record, edges, counts)
            yield entity

    for frame in frames(entities(_asked(api, filters)), ENTITY):
        yield "companies", companies(frame)
    yield "companies", _absent(filters, seen)
    while unknown := sorted(_parents_among(edges) - seen):
        for frame in frames(entities(_by_lei(api, unknown)), ENTITY):
            yield "companies", companies(frame)
        seen.update(unknown)
    yield from (("company_relationships", relationships(frame)) for frame in frames(edges, EDGE))
    _check_parents(api, edges, counts["parents asked for"])


def _parents_among(edges: Iterable[Mapping[str, Any]]) -> set[str]:
    return {edge["parent"] for edge in edges if re.fullmatch(LEI, edge.get("parent") or "")}


def _check_parents(api: Api, edges: Iterable[Mapping[str, Any]], asked: int) -> None:
    failures = [edge["_reject"] for edge in edges if edge.get("_reject")]
    if len(failures) > MOST_FAILURES * asked:
        raise SourceUnavailable(
            api.source, f"{len(failures)} of {asked} parents failed; the last: {failures[-1]}"
        )


def _absent(filters: Filters, seen: set[str]) -> pl.DataFrame:
    """The LEIs that were asked for by name and that nothing came of, to be set aside."""
    reasons = [
        f"{lei}: no record of this LEI passes the filters"
        for lei in dict.fromkeys(filters.leis)
        if lei not in seen
    ]
    return pl.DataFrame({"_reject": reasons}, {"_reject": pl.String}).with_columns(
        _file=pl.lit("leis")
    )


def _asked(api: Api, filters: Filters) -> Iterator[Any]:
    """The records that the filters name."""
    named = {
        "filter[entity.legalAddress.country]": ",".join(filters.countries),
        "filter[entity.category]": ",".join(filters.categories),
        "filter[registration.status]": ",".join(filters.registration_statuses),
    }
    given = {name: value for name, value in named.items() if value}
    if filters.leis:
        yield from _by_lei(api, filters.leis, given)
    else:
        yield from _records(api, given)


def _by_lei(
    api: Api, leis: Iterable[str], further: Mapping[str, str] | None = None
) -> Iterator[Any]:
    wanted = list(dict.fromkeys(leis))
    for start in range(0, len(wanted), LEIS_PER_REQUEST):
        chunk = ",".join(wanted[start : start + LEIS_PER_REQUEST])
        yield from _records(api, {**(further or {}), "filter[lei]": chunk})


def _records(api: Api, query: Mapping[str, str]) -> Iterator[Any]:
    """All records of a query, page by page.

    The next page's address is asked at our own base address, wherever it says that it lies.
    SourceUnavailable where fewer come than the first page promised: what changed while it was
    read must be read again, since a snapshot that isn't whole would lose companies.
    """
    first = urlencode({**query, "page[size]": PAGE_SIZE, "page[cursor]": "*"})
    totals: list[int] = []
    seen: set[str] = set()

    def page(cursor: str | None) -> tuple[list[Any], str | None]:
        answer = api.session.get_json(f"{api.address}?{cursor or first}")
        records = data_of(api.source, api.address, answer)
        total = at(answer, "meta.pagination.total")
        if not cursor and isinstance(total, int):
            _check_patience(api, total)
            totals.append(total)
        following = at(answer, "links.next")
        is_last = not records or not isinstance(following, str)
        return records, None if is_last else urlsplit(following).query

    for records in pages(api.source, page):
        seen.update(str(at(record, "id")) for record in records)
        yield from records
    if totals and len(seen) < totals[0]:
        raise SourceUnavailable(
            api.source,
            f"{shown(api.address)} promised {totals[0]:,} records and gave {len(seen):,}; "
            "a later run can succeed as it is",
        )


def _check_patience(api: Api, total: int) -> None:
    """Say at once what would not be done within the hour that a fetch may take."""
    needed = total // PAGE_SIZE + (2 * total if api.parents else 0)
    if needed > MOST_REQUESTS:
        raise SourceRejected(
            api.source,
            f"{total:,} records need {needed:,} requests at 60 a minute; narrow `countries`, "
            "`categories` or `leis`, or set `parents: false`, or take `golden_copy: true`",
        )


def data_of(source: str, address: str, answer: Any) -> list[Any]:
    """The records of an answer; SourceRejected for one that has none."""
    found = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(found, dict):
        return [found]
    if found is None and isinstance(answer, dict) and "data" in answer:
        return []
    if not isinstance(found, list):
        trouble = at(answer, "errors")
        told = f", found errors: {str(trouble)[:200]}" if trouble else ""
        raise SourceRejected(source, f"{shown(address)}: expected an object with `data`{told}")
    return found


def _entity(record: Any) -> dict[str, Any]:
    """The fields of one record."""
    attributes = at(record, "attributes")
    entity: dict[str, Any] = {
        name: text_of(at(attributes, path)) for name, (_, path) in FIELDS.items()
    }
    streets = {name: texts_of(at(attributes, path)) for name, (_, path) in STREETS.items()}
    names = [name for path in OTHER_NAMES for name in items_of(at(attributes, path))]
    return {
        **entity,
        **{name: ", ".join(lines) for name, lines in streets.items()},
        "aliases": texts_of([at(name, "name") for name in names]),
        "_file": "lei-records",
        "_reject": None if attributes else "expected a record with `attributes`, found none",
    }


def _parents(
    api: Api, lei: str, record: Any, edges: list[dict[str, Any]], counts: Counter[str]
) -> dict[str, str | None]:
    """Ask who a company belongs to: relationships go to `edges`, reasons for none come back."""
    exceptions: dict[str, str | None] = {}
    for level, attribute in LEVELS.items():
        links = at(record, f"relationships.{level}.links")
        asked = next((kind for name, kind in LINKS.items() if at(links, name)), None)
        if asked is None:
            continue
        path = f"{lei}/{level}-{asked}"
        address = f"{api.address}/{path}"
        counts["parents asked for"] += 1
        try:
            found = data_of(api.source, address, api.session.get_json(address))
        except SourceNotFound as error:
            edges.append({"_file": path, "_reject": str(error)})
            continue
        if asked == "relationship":
            edges.extend(_edge(path, each) for each in found)
        elif attribute:
            exceptions[attribute] = "; ".join(
                texts_of([at(each, "attributes.reason") for each in found])
            )
    return exceptions


def _edge(path: str, record: Any) -> dict[str, Any]:
    relationship = at(record, "attributes.relationship")
    starts = [
        at(period, "startDate")
        for period in items_of(at(relationship, "periods"))
        if at(period, "type") == "RELATIONSHIP_PERIOD"
    ]
    found = {
        "child": at(relationship, "startNode.id"),
        "child_type": at(relationship, "startNode.type"),
        "parent": at(relationship, "endNode.id"),
        "parent_type": at(relationship, "endNode.type"),
        "type": at(relationship, "type"),
        "status": at(relationship, "status"),
        "registration_status": at(record, "attributes.registration.status"),
        "updated": at(record, "attributes.registration.lastUpdateDate"),
        "since": next(iter(texts_of(starts)), None),
    }
    return {**{name: text_of(value) for name, value in found.items()}, "_file": path}
