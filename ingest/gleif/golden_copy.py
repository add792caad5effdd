"""GLEIF's golden copy: all records, as CSV files of three levels.

What belongs here: finding the files, and their columns. What doesn't: what becomes of the fields
(`entities.py`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import polars as pl

from ingest import files
from ingest.columns import listed
from ingest.convert import stripped
from ingest.errors import SourceRejected, SourceUnavailable
from ingest.files import VENDOR, FileOptions
from ingest.gleif.api import data_of
from ingest.gleif.entities import (
    EDGE,
    EXCEPTIONS,
    FIELDS,
    KINDS,
    STREETS,
    Filters,
    companies,
    is_broken,
    is_no_company,
    relationships,
)
from ingest.headers import check_columns, vendor_names
from ingest.http import shown
from ingest.json_values import at
from ingest.registry import Request

ROWS_AT_ONCE = 50_000
PUBLISHED = "/api/v2/golden-copies/publishes/latest"
LEVELS = {"entities": "lei2", "relationships": "rr", "exceptions": "repex"}
ALIASES = r"Entity\.(?:Transliterated)?OtherEntityNames\.(?:Transliterated)?OtherEntityName\.\d+"
EDGE_COLUMNS = {
    "child": "Relationship.StartNode.NodeID",
    "child_type": "Relationship.StartNode.NodeIDType",
    "parent": "Relationship.EndNode.NodeID",
    "parent_type": "Relationship.EndNode.NodeIDType",
    "type": "Relationship.RelationshipType",
    "status": "Relationship.RelationshipStatus",
    "registration_status": "Registration.RegistrationStatus",
    "updated": "Registration.LastUpdateDate",
}
ENTITY_NEEDED = ("LEI", "Entity.LegalName")
EDGE_NEEDED = tuple(EDGE_COLUMNS[name] for name in ("child", "parent", "type", "status"))
EXCEPTION_NEEDED = ("LEI", "Exception.Category")
# The fields of Filters, in their order.
FILTERED = ("lei", "legal_country", "entity_category", "registration_status")
ADVICE = "is it a golden copy's CSV file of this level?"


class Level(NamedTuple):
    """The files of one level, and how many records they must hold in all."""

    file: FileOptions
    paths: list[Path]
    records: int | None = None


def levels(
    source: str, request: Request, given: Mapping[str, FileOptions | None]
) -> dict[str, Level]:
    """Files that somebody has, by level."""
    return {
        name: Level(file, files.located(source, file, request))
        for name, file in given.items()
        if file
    }


def newest(source: str, request: Request, base_url: str) -> dict[str, Level]:
    """The newest golden copy, by level: the addresses of its files change with each."""
    address = base_url.rstrip("/") + PUBLISHED
    found = data_of(source, address, request.session.get_json(address))
    published = found[0] if found else None
    return {
        name: _level(source, request, base_url, at(published, f"{short}.full_file.csv"), short)
        for name, short in LEVELS.items()
    }


def _level(source: str, request: Request, base_url: str, file: Any, short: str) -> Level:
    url, records = at(file, "url"), at(file, "record_count")
    if not isinstance(url, str):
        raise SourceRejected(
            source, f"{shown(base_url)}: expected the address of a {short} CSV file"
        )
    options = FileOptions(url=base_url.rstrip("/") + urlsplit(url).path, format="csv")
    paths = files.located(source, options, request)
    return Level(options, paths, records if isinstance(records, int) else None)


def read(
    source: str, levels: Mapping[str, Level], filters: Filters, counts: Counter[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Companies and relationships.

    With filters the entities are read twice, since only then it is known who is a parent.
    """
    entities = levels["entities"]
    edges = _all_edges(source, levels.get("relationships"))
    kept = _with_parents(_kept(source, filters, entities), edges)
    exceptions = _all_exceptions(source, levels.get("exceptions"), kept)
    for rows in _gathered(_read(source, entities, ENTITY_NEEDED, _entity_columns)):
        counts["entities"] += rows.height
        wanted = _among(rows, "lei", kept)
        counts["left out by the filters"] += rows.height - wanted.height
        known = wanted.filter(~is_no_company())
        counts["left out: duplicate or annulled"] += wanted.height - known.height
        yield "companies", companies(known.join(exceptions, on="lei", how="left"))
    yield "company_relationships", relationships(_among(edges, "child", kept))
    if entities.records is not None and counts["entities"] < entities.records:
        raise SourceUnavailable(
            source,
            f"GLEIF promised {entities.records:,} records, and the file holds "
            f"{counts['entities']:,}; a later run can succeed as it is",
        )


def _read(
    source: str,
    level: Level,
    needed: tuple[str, ...],
    columns: Callable[[list[str]], dict[str, pl.Expr]],
) -> Iterator[pl.DataFrame]:
    for path in level.paths:
        for frame in files.read(source, path, level.file):
            check_columns(source, path.name, needed, frame, ADVICE)
            yield frame.select("_file", "_line", "_reject", **columns(vendor_names(frame)))


def _column(name: str, names: list[str]) -> pl.Expr:
    if name not in names:
        return pl.lit(None, pl.String)
    return stripped(pl.col(VENDOR + name).cast(pl.String))


def _matching(pattern: str, names: list[str]) -> list[pl.Expr]:
    """The columns whose names match; at least one, so that there is something to list."""
    found = [_column(name, names) for name in names if re.fullmatch(pattern, name)]
    return found or [pl.lit(None, pl.String)]


def _entity_columns(names: list[str]) -> dict[str, pl.Expr]:
    return {
        **{field: _column(column, names) for field, (column, _) in FIELDS.items()},
        **{
            field: pl.concat_str(_matching(pattern, names), separator=", ", ignore_nulls=True)
            for field, (pattern, _) in STREETS.items()
        },
        "aliases": listed(_matching(ALIASES, names)),
    }


def _edge_columns(names: list[str]) -> dict[str, pl.Expr]:
    """Of the periods the one of the relationship counts; the others are of its accounts."""
    starts = [
        pl.when(
            _column(name.replace("startDate", "periodType"), names) == "RELATIONSHIP_PERIOD"
        ).then(_column(name, names))
        for name in names
        if re.fullmatch(r"Relationship\.Period\.\d+\.startDate", name)
    ]
    return {
        **{field: _column(column, names) for field, column in EDGE_COLUMNS.items()},
        "since": pl.coalesce(*starts, pl.lit(None, pl.String)),
    }


def _exception_columns(names: list[str]) -> dict[str, pl.Expr]:
    reasons = _matching(r"Exception\.Reason\.\d+", names)
    return {
        "lei": _column("LEI", names),
        "category": _column("Exception.Category", names),
        "reason": pl.concat_str(reasons, separator="; ", ignore_nulls=True),
    }


def _filter_columns(names: list[str]) -> dict[str, pl.Expr]:
    return {field: _column(FIELDS[field][0], names) for field in FILTERED}


def _kept(source: str, filters: Filters, entities: Level) -> pl.DataFrame | None:
    """The LEIs that pass the filters; null where there are none."""
    tests = [
        pl.col(field).is_in(values)
        for field, values in zip(FILTERED, filters, strict=True)
        if values
    ]
    if not tests:
        return None
    rows = _read(source, entities, ENTITY_NEEDED, _filter_columns)
    return pl.concat(frame.filter(*tests).select("lei") for frame in rows).unique()


def _with_parents(kept: pl.DataFrame | None, edges: pl.DataFrame) -> pl.DataFrame | None:
    """With the parents, and the parents of those: without their records no family is known."""
    new = kept
    while kept is not None and new is not None and not new.is_empty():
        found = edges.join(new, left_on="child", right_on="lei", how="semi")
        new = found.select(lei="parent").drop_nulls().unique().join(kept, on="lei", how="anti")
        kept = pl.concat([kept, new])
    return kept


def _among(rows: pl.DataFrame, name: str, kept: pl.DataFrame | None) -> pl.DataFrame:
    """The rows whose LEI is kept, and the broken ones."""
    if kept is None:
        return rows
    found = rows.filter(~is_broken()).join(kept, left_on=name, right_on="lei", how="semi")
    return pl.concat([rows.filter(is_broken()), found])


def _all_edges(source: str, level: Level | None) -> pl.DataFrame:
    """Every relationship of owning: some 300,000."""
    found = [pl.DataFrame(schema=EDGE)]
    for rows in _read(source, level, EDGE_NEEDED, _edge_columns) if level else ():
        found.append(rows.filter(pl.col("type").is_in(list(KINDS)) | is_broken()))
    return pl.concat(found, how="diagonal")


def _all_exceptions(source: str, level: Level | None, kept: pl.DataFrame | None) -> pl.DataFrame:
    """One row per LEI, with a column for each of its two parents."""
    found = [pl.DataFrame(schema=dict.fromkeys(["lei", "category", "reason"], pl.String))]
    for rows in _read(source, level, EXCEPTION_NEEDED, _exception_columns) if level else ():
        found.append(_among(rows.filter(~is_broken()), "lei", kept).select(found[0].columns))
    reasons = {
        name: pl.col("reason").filter(category=category).first()
        for category, name in EXCEPTIONS.items()
    }
    return pl.concat(found).group_by("lei").agg(**reasons)


def _gathered(parts: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Fewer and larger frames: each is joined with millions of exceptions."""
    waiting: list[pl.DataFrame] = []
    for frame in parts:
        waiting.append(frame)
        if sum(map(len, waiting)) >= ROWS_AT_ONCE:
            yield pl.concat(waiting)
            waiting = []
    if waiting:
        yield pl.concat(waiting)
