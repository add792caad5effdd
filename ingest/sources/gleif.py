"""GLEIF: legal entities by their LEI, with their other names, register numbers and parents.

What: the records of the API that the filters name, or the golden copy, downloaded or as files.
Terms of use: free, CC0, no registration. Rate: 60 requests a minute. Secrets: none.
Tables: companies, company_relationships (parent, ultimate_parent, head_office).

A lapsed registration says that nobody renewed it, not that the company is gone. A record that is a
duplicate or was annulled stands for no company of its own, and is left out. Both ways of reading
bring a record to the same fields, from which all else is made.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self
from urllib.parse import urlencode, urlsplit

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ingest import files
from ingest.columns import attribute_entries, listed
from ingest.convert import convert, stripped
from ingest.errors import SourceNotFound, SourceRejected, SourceUnavailable
from ingest.files import VENDOR, FileOptions
from ingest.headers import check_columns, vendor_names
from ingest.http import shown
from ingest.pages import pages
from ingest.records import frames
from ingest.registers import UK_AUTHORITIES, uk_authority, uk_company_number
from ingest.registry import Request

RATE_PER_SECOND = 1.0
PAGE_SIZE = 200
LEIS_PER_REQUEST = 100
MOST_REQUESTS = 3_500
MOST_FAILURES = 0.5
ROWS_AT_ONCE = 100_000
RECORDS = "/api/v1/lei-records"
PUBLISHED = "/api/v2/golden-copies/publishes/latest"
LEI = r"^[0-9A-Z]{18}[0-9]{2}$"
NO_COMPANY = ("DUPLICATE", "ANNULLED", "CANCELLED", "PENDING_VALIDATION")
NO_REGISTER = ("RA777777", "RA888888", "RA999999")
NO_FORM = ("8888", "9999")
STATUSES = {"ACTIVE": "active", "INACTIVE": "dissolved"}
KINDS = {
    "IS_DIRECTLY_CONSOLIDATED_BY": "parent",
    "IS_ULTIMATELY_CONSOLIDATED_BY": "ultimate_parent",
    "IS_INTERNATIONAL_BRANCH_OF": "head_office",
}
EXCEPTIONS = {
    "DIRECT_ACCOUNTING_CONSOLIDATION_PARENT": "parent_exception",
    "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT": "ultimate_parent_exception",
}
LEVELS = {
    "direct-parent": "parent_exception",
    "ultimate-parent": "ultimate_parent_exception",
    "head-office": None,
}
LINKS = {"relationship-record": "relationship", "reporting-exception": "reporting-exception"}
# Of each field the column of the golden copy, and where it stands in a record of the API.
FIELDS = {
    "lei": ("LEI", "lei"),
    "legal_name": ("Entity.LegalName", "entity.legalName.name"),
    "jurisdiction": ("Entity.LegalJurisdiction", "entity.jurisdiction"),
    "entity_category": ("Entity.EntityCategory", "entity.category"),
    "form_code": ("Entity.LegalForm.EntityLegalFormCode", "entity.legalForm.id"),
    "form_text": ("Entity.LegalForm.OtherLegalForm", "entity.legalForm.other"),
    "entity_status": ("Entity.EntityStatus", "entity.status"),
    "created": ("Entity.EntityCreationDate", "entity.creationDate"),
    "expired": ("Entity.EntityExpirationDate", "entity.expiration.date"),
    "expiration_reason": ("Entity.EntityExpirationReason", "entity.expiration.reason"),
    "successor_lei": ("Entity.SuccessorEntity.1.SuccessorLEI", "entity.successorEntity.lei"),
    "authority": (
        "Entity.RegistrationAuthority.RegistrationAuthorityID",
        "entity.registeredAt.id",
    ),
    "number": (
        "Entity.RegistrationAuthority.RegistrationAuthorityEntityID",
        "entity.registeredAs",
    ),
    "registration_status": ("Registration.RegistrationStatus", "registration.status"),
    "next_renewal": ("Registration.NextRenewalDate", "registration.nextRenewalDate"),
    "updated": ("Registration.LastUpdateDate", "registration.lastUpdateDate"),
    **{
        f"{kind}_{part}": (f"Entity.{column}.{part.title().replace('_', '')}", f"entity.{path}")
        for kind, column, address in (
            ("headquarters", "HeadquartersAddress", "headquartersAddress"),
            ("legal", "LegalAddress", "legalAddress"),
        )
        for part, path in (
            ("country", f"{address}.country"),
            ("region", f"{address}.region"),
            ("city", f"{address}.city"),
            ("postal_code", f"{address}.postalCode"),
        )
    },
}
STREETS = {
    "headquarters_street": (
        r"Entity\.HeadquartersAddress\.(?:First|Additional)AddressLine(?:\.\d+)?",
        "entity.headquartersAddress.addressLines",
    ),
    "legal_street": (
        r"Entity\.LegalAddress\.(?:First|Additional)AddressLine(?:\.\d+)?",
        "entity.legalAddress.addressLines",
    ),
}
ALIASES = r"Entity\.(?:Transliterated)?OtherEntityNames\.(?:Transliterated)?OtherEntityName\.\d+"
OTHER_NAMES = ("entity.otherNames", "entity.transliteratedOtherNames")
ENTITY: dict[str, Any] = {
    **dict.fromkeys(
        [*FIELDS, *STREETS, *EXCEPTIONS.values(), "_file", "_reject"],
        pl.String,
    ),
    "aliases": pl.List(pl.String),
}
EDGE = {
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
EDGE_NEEDED = tuple(EDGE[name] for name in ("child", "parent", "type", "status"))
FILTERED = ("lei", "legal_country", "entity_category", "registration_status")
EXCEPTION_NEEDED = ("LEI", "Exception.Category")
ADVICE = "is it a golden copy's CSV file of this level?"
SHORT = {"entities": "lei2", "relationships": "rr", "exceptions": "repex"}
EDGE_SCHEMA: dict[str, Any] = dict.fromkeys([*EDGE, "since", "_file", "_reject"], pl.String)

log = logging.getLogger(__name__)


Lei = Annotated[str, StringConstraints(pattern=LEI)]


class Options(BaseModel):
    """Which records, and where they come from; without files and golden copy, from the API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://api.gleif.org"
    golden_copy: bool = Field(default=False, description="true for all records, as files")
    golden_copy_url: str = "https://goldencopy.gleif.org"
    entities: FileOptions | None = Field(None, description="a golden copy's level 1 file")
    relationships: FileOptions | None = Field(None, description="its level 2 file")
    exceptions: FileOptions | None = Field(None, description="its file of reporting exceptions")
    leis: tuple[Lei, ...] = Field((), description="land these only")
    countries: tuple[str, ...] = Field((), description="of the legal address, ISO alpha-2")
    categories: tuple[str, ...] = Field((), description="such as GENERAL, BRANCH, FUND")
    registration_statuses: tuple[str, ...] = Field((), description="such as ISSUED, LAPSED")
    parents: bool = Field(default=True, description="ask the API for each record's parents")

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.golden_copy and self.entities:
            raise ValueError("expected either `golden_copy` or `entities`")
        if (self.relationships or self.exceptions) and not self.entities:
            raise ValueError("`relationships` and `exceptions` go with `entities`")
        return self


class _Level(NamedTuple):
    """The files of one level of the golden copy, and how many records they must hold in all."""

    file: FileOptions
    paths: list[Path]
    records: int | None


def tables(options: Options) -> tuple[str, ...]:
    """Always both."""
    return ("companies", "company_relationships")


def answers_for_past(options: Options) -> bool:
    """Where all files are dated drops; API and golden copy tell how things are now."""
    given = [options.entities, options.relationships, options.exceptions]
    return bool(options.entities) and all(files.answers_for_past(file) for file in given if file)


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """Companies, those that are only the parents of others among them, and who belongs to whom."""
    counts: Counter[str] = Counter()
    levels = _levels(source, options, request)
    if levels:
        yield from _from_files(source, options, levels, counts)
    else:
        yield from _from_api(source, options, request, counts)
    log.info("source %s: %s", source, dict(counts))


# The API


def _from_api(
    source: str, options: Options, request: Request, counts: Counter[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The records that were asked for; then their parents, and the parents of those."""
    edges: list[dict[str, Any]] = []
    seen: set[str] = set()

    def entities(records: Iterable[Any]) -> Iterator[dict[str, Any]]:
        for record in records:
            entity = _entity(record)
            seen.add(str(entity["lei"]))
            if entity["registration_status"] in NO_COMPANY:
                counts["left out: duplicate or annulled"] += 1
                continue
            if options.parents and not entity["_reject"]:
                entity |= _parents(source, options, request, record, edges, counts)
            yield entity

    for frame in frames(entities(_asked(source, options, request)), ENTITY):
        yield "companies", _companies(frame)
    yield "companies", _absent(options, seen)
    while unknown := sorted(_parents_among(edges) - seen):
        for frame in frames(entities(_by_lei(source, options, request, unknown)), ENTITY):
            yield "companies", _companies(frame)
        seen.update(unknown)
    yield from (("company_relationships", _edges(frame)) for frame in frames(edges, EDGE_SCHEMA))
    _check_parents(source, edges, counts["parents asked for"])


def _parents_among(edges: Iterable[Mapping[str, Any]]) -> set[str]:
    return {edge["parent"] for edge in edges if re.fullmatch(LEI, edge.get("parent") or "")}


def _check_parents(source: str, edges: Iterable[Mapping[str, Any]], asked: int) -> None:
    failures = [edge["_reject"] for edge in edges if edge.get("_reject")]
    if len(failures) > MOST_FAILURES * asked:
        raise SourceUnavailable(
            source, f"{len(failures)} of {asked} parents failed; the last: {failures[-1]}"
        )


def _absent(options: Options, seen: set[str]) -> pl.DataFrame:
    """The LEIs that were asked for by name and that nothing came of, to be set aside."""
    reasons = [
        f"{lei}: no record of this LEI passes the filters"
        for lei in dict.fromkeys(options.leis)
        if lei not in seen
    ]
    return pl.DataFrame({"_reject": reasons}, {"_reject": pl.String}).with_columns(
        _file=pl.lit("leis")
    )


def _asked(source: str, options: Options, request: Request) -> Iterator[Any]:
    """The records that the filters name."""
    filters = {
        "filter[entity.legalAddress.country]": ",".join(options.countries),
        "filter[entity.category]": ",".join(options.categories),
        "filter[registration.status]": ",".join(options.registration_statuses),
    }
    given = {name: value for name, value in filters.items() if value}
    if options.leis:
        yield from _by_lei(source, options, request, options.leis, given)
    else:
        yield from _records(source, options, request, given)


def _by_lei(
    source: str,
    options: Options,
    request: Request,
    leis: Iterable[str],
    filters: Mapping[str, str] | None = None,
) -> Iterator[Any]:
    wanted = list(dict.fromkeys(leis))
    for start in range(0, len(wanted), LEIS_PER_REQUEST):
        chunk = ",".join(wanted[start : start + LEIS_PER_REQUEST])
        yield from _records(source, options, request, {**(filters or {}), "filter[lei]": chunk})


def _records(
    source: str, options: Options, request: Request, filters: Mapping[str, str]
) -> Iterator[Any]:
    """All records of a query, page by page.

    The next page's address is asked at our own base address, wherever it says that it lies.
    SourceUnavailable where fewer come than the first page promised: what changed while it was
    read must be read again, since a snapshot that isn't whole would lose companies.
    """
    address = options.base_url.rstrip("/") + RECORDS
    first = urlencode({**filters, "page[size]": PAGE_SIZE, "page[cursor]": "*"})
    totals: list[int] = []
    seen: set[str] = set()

    def page(query: str | None) -> tuple[list[Any], str | None]:
        answer = request.session.get_json(f"{address}?{query or first}")
        records = _data(source, address, answer)
        total = _at(answer, "meta.pagination.total")
        if not query and isinstance(total, int):
            _check_patience(source, options, total)
            totals.append(total)
        following = _at(answer, "links.next")
        return records, urlsplit(following).query if records and following else None

    for records in pages(source, page):
        seen.update(str(_at(record, "id")) for record in records)
        yield from records
    if totals and len(seen) < totals[0]:
        raise SourceUnavailable(
            source,
            f"{shown(address)} promised {totals[0]:,} records and gave {len(seen):,}; "
            "a later run can succeed as it is",
        )


def _check_patience(source: str, options: Options, total: int) -> None:
    """Say at once what would not be done within the hour that a fetch may take."""
    needed = total // PAGE_SIZE + (2 * total if options.parents else 0)
    if needed > MOST_REQUESTS:
        raise SourceRejected(
            source,
            f"{total:,} records need {needed:,} requests at 60 a minute; narrow `countries`, "
            "`categories` or `leis`, or set `parents: false`, or take `golden_copy: true`",
        )


def _data(source: str, address: str, answer: Any) -> list[Any]:
    found = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        trouble = _at(answer, "errors")
        told = f", found errors: {str(trouble)[:200]}" if trouble else ""
        raise SourceRejected(source, f"{shown(address)}: expected an object with `data`{told}")
    return found


def _at(record: Any, path: str) -> Any:
    """What stands at a dotted path; null where the way ends before."""
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None


def _texts(values: Any) -> list[str]:
    found = [_text(value) for value in values] if isinstance(values, list) else []
    return [text for text in found if text]


def _entity(record: Any) -> dict[str, Any]:
    """The fields of one record."""
    attributes = _at(record, "attributes")
    entity: dict[str, Any] = {
        name: _text(_at(attributes, path)) for name, (_, path) in FIELDS.items()
    }
    streets = {name: _texts(_at(attributes, path)) for name, (_, path) in STREETS.items()}
    names = [_at(attributes, path) or [] for path in OTHER_NAMES]
    return {
        **{name: text.strip() if text else None for name, text in entity.items()},
        **{name: ", ".join(lines) for name, lines in streets.items()},
        "aliases": _texts([_at(each, "name") for listed in names for each in listed]),
        "_file": "lei-records",
        "_reject": None if attributes else "expected a record with `attributes`, found none",
    }


def _parents(
    source: str,
    options: Options,
    request: Request,
    record: Any,
    edges: list[dict[str, Any]],
    counts: Counter[str],
) -> dict[str, str | None]:
    """Ask who a company belongs to: relationships go to `edges`, reasons for none come back."""
    exceptions: dict[str, str | None] = {}
    for level, attribute in LEVELS.items():
        links = _at(record, f"relationships.{level}.links") or {}
        asked = next((kind for name, kind in LINKS.items() if name in links), None)
        if asked is None:
            continue
        path = f"{record['id']}/{level}-{asked}"
        address = f"{options.base_url.rstrip('/')}{RECORDS}/{path}"
        counts["parents asked for"] += 1
        try:
            found = _data(source, address, request.session.get_json(address))
        except SourceNotFound as error:
            edges.append({"_file": path, "_reject": str(error)})
            continue
        if asked == "relationship":
            edges.extend(_edge(path, each) for each in found)
        elif attribute:
            exceptions[attribute] = "; ".join(
                _texts([_at(each, "attributes.reason") for each in found])
            )
    return exceptions


def _edge(path: str, record: Any) -> dict[str, Any]:
    relationship = _at(record, "attributes.relationship")
    periods = _at(relationship, "periods") or []
    starts = [
        _at(period, "startDate")
        for period in periods
        if _at(period, "type") == "RELATIONSHIP_PERIOD"
    ]
    found = {
        "child": _at(relationship, "startNode.id"),
        "child_type": _at(relationship, "startNode.type"),
        "parent": _at(relationship, "endNode.id"),
        "parent_type": _at(relationship, "endNode.type"),
        "type": _at(relationship, "type"),
        "status": _at(relationship, "status"),
        "registration_status": _at(record, "attributes.registration.status"),
        "updated": _at(record, "attributes.registration.lastUpdateDate"),
        "since": next(iter(_texts(starts)), None),
    }
    return {**{name: _text(value) for name, value in found.items()}, "_file": path}


# The golden copy


def _levels(source: str, options: Options, request: Request) -> dict[str, _Level]:
    """The golden copy's files, by what they hold; none where the API is asked."""
    given: dict[str, tuple[FileOptions | None, int | None]] = {
        "entities": (options.entities, None),
        "relationships": (options.relationships, None),
        "exceptions": (options.exceptions, None),
    }
    if options.golden_copy:
        address = options.golden_copy_url.rstrip("/") + PUBLISHED
        published = _data(source, address, request.session.get_json(address))[0]
        given = {
            name: _published(source, options, published, short) for name, short in SHORT.items()
        }
    return {
        name: _Level(file, files.located(source, file, request), records)
        for name, (file, records) in given.items()
        if file
    }


def _published(
    source: str, options: Options, published: Any, short: str
) -> tuple[FileOptions, int | None]:
    url = _at(published, f"{short}.full_file.csv.url")
    if not isinstance(url, str):
        raise SourceRejected(
            source, f"{shown(options.golden_copy_url)}: expected the address of a {short} CSV file"
        )
    address = options.golden_copy_url.rstrip("/") + urlsplit(url).path
    records = _at(published, f"{short}.full_file.csv.record_count")
    return FileOptions(url=address, format="csv"), records if isinstance(records, int) else None


def _from_files(
    source: str, options: Options, levels: Mapping[str, _Level], counts: Counter[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """With filters the entities are read twice, since only then it is known who is a parent."""
    entities = levels["entities"]
    edges = _all_edges(source, levels.get("relationships"))
    kept = _with_parents(_kept(source, options, entities), edges)
    exceptions = _all_exceptions(source, levels.get("exceptions"), kept)
    for rows in _gathered(_read(source, entities, ENTITY_NEEDED, _entity_columns)):
        counts["entities"] += rows.height
        wanted = _among(rows, "lei", kept)
        counts["left out by the filters"] += rows.height - wanted.height
        companies = wanted.filter(~_is_no_company())
        counts["left out: duplicate or annulled"] += wanted.height - companies.height
        yield "companies", _companies(companies.join(exceptions, on="lei", how="left"))
    yield "company_relationships", _edges(_among(edges, "child", kept))
    if entities.records is not None and counts["entities"] < entities.records:
        raise SourceUnavailable(
            source,
            f"GLEIF promised {entities.records:,} records, and the file holds "
            f"{counts['entities']:,}; a later run can succeed as it is",
        )


def _read(
    source: str,
    level: _Level,
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
        **{field: _column(column, names) for field, column in EDGE.items()},
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


def _kept(source: str, options: Options, entities: _Level) -> pl.DataFrame | None:
    """The LEIs that pass the filters; null where there are none."""
    given = [options.leis, options.countries, options.categories, options.registration_statuses]
    tests = [
        pl.col(field).is_in(values) for field, values in zip(FILTERED, given, strict=True) if values
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
    found = rows.filter(~_is_broken()).join(kept, left_on=name, right_on="lei", how="semi")
    return pl.concat([rows.filter(_is_broken()), found])


def _all_edges(source: str, level: _Level | None) -> pl.DataFrame:
    """Every relationship of owning: some 300,000."""
    found = [pl.DataFrame(schema=EDGE_SCHEMA)]
    for rows in _read(source, level, EDGE_NEEDED, _edge_columns) if level else ():
        found.append(rows.filter(pl.col("type").is_in(list(KINDS)) | _is_broken()))
    return pl.concat(found, how="diagonal")


def _all_exceptions(source: str, level: _Level | None, kept: pl.DataFrame | None) -> pl.DataFrame:
    """One row per LEI, with a column for each of its two parents."""
    found = [pl.DataFrame(schema=dict.fromkeys(["lei", "category", "reason"], pl.String))]
    for rows in _read(source, level, EXCEPTION_NEEDED, _exception_columns) if level else ():
        found.append(_among(rows.filter(~_is_broken()), "lei", kept).select(found[0].columns))
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


# What both make


def _is_broken() -> pl.Expr:
    return pl.col("_reject").is_not_null()


def _is_no_company() -> pl.Expr:
    return pl.col("registration_status").is_in(NO_COMPANY).fill_null(value=False)


def _companies(rows: pl.DataFrame) -> pl.DataFrame:
    """Companies are where their head office is; the legal address is often a lawyer's."""
    year = _day("created").dt.year()
    is_abroad_known = pl.col("headquarters_country").is_not_null()
    address = {
        part: pl.when(is_abroad_known).then(f"headquarters_{part}").otherwise(f"legal_{part}")
        for part in ("country", "region", "city", "postal_code", "street")
    }
    is_uk = pl.col("authority").is_in(UK_AUTHORITIES)
    number = pl.when(is_uk).then(uk_company_number(pl.col("number"))).otherwise("number")
    authority = pl.when(is_uk).then(uk_authority(number)).otherwise("authority")
    found = pl.col("lei").fill_null("nothing")
    problem = pl.format("expected a LEI of 20 characters, found {}", found)
    attributes = {
        "registration_status": pl.col("registration_status"),
        "next_renewal_date": _time("next_renewal").dt.date().cast(pl.String),
        "entity_category": pl.col("entity_category"),
        "jurisdiction": pl.col("jurisdiction"),
        "legal_country": pl.col("legal_country"),
        "expiration_date": _day("expired").cast(pl.String),
        "expiration_reason": pl.col("expiration_reason"),
        "successor_lei": pl.col("successor_lei"),
        **{name: pl.col(name) for name in EXCEPTIONS.values()},
    }
    return rows.select(
        "_file",
        *(["_line"] if "_line" in rows.columns else []),
        "lei",
        "aliases",
        source_company_id="lei",
        name="legal_name",
        **address,
        founded_year=pl.when(year.is_between(1000, 2200)).then(year),
        legal_form=pl.when(pl.col("form_code").is_in(NO_FORM))
        .then("form_text")
        .otherwise(pl.coalesce("form_code", "form_text")),
        status=pl.col("entity_status").replace_strict(STATUSES, default=None),
        registration_authority=pl.when(~authority.is_in(NO_REGISTER)).then(authority),
        registration_number=number,
        observed_at=_time("updated"),
        attributes=attribute_entries(attributes),
        _reject=pl.coalesce(
            "_reject",
            pl.when(~pl.col("lei").str.contains(LEI).fill_null(value=False)).then(problem),
        ),
    )


def _time(name: str) -> pl.Expr:
    return convert(pl.col(name), "timestamp", date.min)


def _day(name: str) -> pl.Expr:
    """Days are given as midnights of some place; half a day later it is that day in UTC too."""
    return _time(name).dt.offset_by("12h").dt.date()


def _edges(rows: pl.DataFrame) -> pl.DataFrame:
    """Relationships between LEIs; those of funds are no ownership and have been left out."""
    is_known = pl.col("type").is_in(list(KINDS)) & ~_is_no_company()
    is_between_leis = pl.all_horizontal(
        pl.col("child_type", "parent_type").fill_null("LEI") == "LEI"
    )
    is_over = (pl.col("registration_status") == "RETIRED") | (pl.col("status") == "INACTIVE")
    return rows.filter(_is_broken() | (is_known & is_between_leis)).select(
        "_file",
        *(["_line"] if "_line" in rows.columns else []),
        "_reject",
        child_source_company_id="child",
        parent_source_company_id="parent",
        kind=pl.col("type").replace_strict(KINDS, default=None),
        is_active=pl.when(is_over)
        .then(pl.lit(value=False))
        .when(status="ACTIVE")
        .then(pl.lit(value=True)),
        since_date=_day("since"),
        observed_at=_time("updated"),
    )
