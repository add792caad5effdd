"""SEC EDGAR: the companies that report to the SEC, and what they announce in 8-K filings.

What: by CIK, by the list of all listed companies, or from the nightly bulk archive: names and
former names, industry, addresses, tickers; of each 8-K every item as a signal. Terms of use:
public domain; the SEC wants to be told who asks. Rate: 10 requests a second over all of its hosts;
5 here, 5 in `sec_form_d`. Tables: companies, signals (filing). Secrets: none.

Incremental by dates: signals older than `since_days` don't land, and pages of older filings aren't
asked for. Companies are a snapshot, and EDGAR can't be asked what changed in it: each is asked for.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from typing import Annotated, Any, Literal, NamedTuple, Self
from zipfile import ZipFile

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingest import edgar, files, zip_members
from ingest.convert import TIMESTAMP, convert
from ingest.eight_k import ANOTHER, EXHIBITS, ITEMS
from ingest.errors import SourceNotFound, SourceRejected
from ingest.files import FileOptions
from ingest.http import json_of
from ingest.options import FromEnvironment
from ingest.records import frames
from ingest.registry import Request
from ingest.submissions import (
    COMPANY,
    Filing,
    answer_of,
    cik_of,
    company_of,
    eight_ks,
    kind_of,
    pages_of,
    recent_of,
)
from ingest.unread import unread

RATE_PER_SECOND = 5.0
MOST_FAILURES = 0.5
ENTITIES_AT_ONCE = 2_000
MEMBER = re.compile(r"CIK(\d{10})\.json")
REMARKS: dict[str, Any] = {"_file": pl.String, "_reject": pl.String}
SIGNAL: dict[str, Any] = {
    "cik": pl.String,
    "accession": pl.String,
    "form": pl.String,
    "item": pl.String,
    "filed": pl.String,
    "reported": pl.String,
    "accepted": pl.String,
    **REMARKS,
}

log = logging.getLogger(__name__)


class Options(BaseModel):
    """Which companies, from where, and how far back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_agent: edgar.UserAgent
    ciks: tuple[Annotated[str, BeforeValidator(cik_of), Field(pattern=r"^\d{10}$")], ...] = ()
    tickers_exchange: bool = Field(False, description="true: all listed companies")
    exchanges: tuple[str, ...] = Field((), description="of the listed ones only these exchanges'")
    submissions_zip: FromEnvironment | None = Field(None, description="a path or an address")
    include: tuple[Literal["operating", "investment", "other"], ...] = ("operating",)
    since_days: Annotated[int, Field(ge=0, le=36_500)] = 400
    sec_url: FromEnvironment = "https://www.sec.gov"
    data_url: FromEnvironment = "https://data.sec.gov"

    @model_validator(mode="after")
    def _names_companies(self) -> Self:
        if not (self.ciks or self.tickers_exchange or self.submissions_zip):
            raise ValueError("expected `ciks`, `tickers_exchange: true` or `submissions_zip`")
        if self.exchanges and not self.tickers_exchange:
            raise ValueError("`exchanges` goes with `tickers_exchange: true`")
        return self


Read = Callable[[str], bytes]
"""Gives a file of submissions by its name, SourceNotFound or ValueError where it can't."""


class Entity(NamedTuple):
    """One filer: its row of companies, and its 8-K items."""

    company: dict[str, Any]
    signals: list[dict[str, Any]]


def tables(options: Options) -> tuple[str, ...]:
    """Always the same."""
    return ("companies", "signals")


def answers_for_past(options: Options) -> bool:
    """EDGAR shows a company as it is today."""
    return False


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """The companies asked for and their 8-K items; one that can't be read is a reject.

    SourceRejected when more than half of them can't be read.
    """
    request.session.use_agent(options.user_agent, "user_agent")
    with _submissions(source, options, request) as (ciks, read):
        entities = _entities(source, options, request.week, ciks, read)
        while some := list(islice(entities, ENTITIES_AT_ONCE)):
            for frame in frames((entity.company for entity in some), COMPANY):
                yield "companies", _companies(frame)
            for frame in frames((row for entity in some for row in entity.signals), SIGNAL):
                yield "signals", _signals(frame)


# Where the answers lie


@contextmanager
def _submissions(
    source: str, options: Options, request: Request
) -> Iterator[tuple[Iterable[str], Read]]:
    """The CIKs to read, and how: from the API, or from the bulk archive."""
    ciks = list(dict.fromkeys([*options.ciks, *_listed(source, options, request)]))
    if options.submissions_zip is None:
        address = f"{options.data_url.rstrip('/')}/submissions/"
        yield ciks, lambda name: request.session.get_bytes(address + name)
        return
    place = "url" if "://" in options.submissions_zip else "path"
    file = FileOptions.model_validate({place: options.submissions_zip})
    with zip_members.opened(source, files.found(source, file, request)[-1]) as archive:
        found = (MEMBER.fullmatch(name) for name in archive.namelist())
        everything = (match[1] for match in found if match)
        yield ciks or everything, lambda name: _member(source, archive, name)


def _member(source: str, archive: ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise SourceNotFound(source, "is not in the archive") from None
    return zip_members.member(archive, info)


def _listed(source: str, options: Options, request: Request) -> list[str]:
    """The CIKs of all listed companies; one with several shares comes several times."""
    if not options.tickers_exchange:
        return []
    address = f"{options.sec_url.rstrip('/')}/files/company_tickers_exchange.json"
    answer = request.session.get_json(address)
    wanted = {name.casefold() for name in options.exchanges}
    try:
        cik, exchange = (answer["fields"].index(name) for name in ("cik", "exchange"))
        return [
            f"{int(row[cik]):010}"
            for row in answer["data"]
            if not wanted or str(row[exchange]).casefold() in wanted
        ]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise SourceRejected(
            source, f"{address}: expected `fields` with cik and exchange, and rows in `data`"
        ) from None


# Entities


def _entities(
    source: str, options: Options, week: date, ciks: Iterable[str], read: Read
) -> Iterator[Entity]:
    since = (week - timedelta(days=options.since_days)).isoformat()
    counts: Counter[str] = Counter()
    failed, last = 0, ""
    for cik in ciks:
        name = f"CIK{cik}.json"
        try:
            answer = answer_of(read(name), cik)
        except (SourceNotFound, ValueError) as error:
            failed, last = failed + 1, f"{name}: {_said(error)}"
            yield Entity({"_file": name, "_reject": _said(error)}, [])
            continue
        kind = kind_of(answer)
        counts[kind] += 1
        if kind in options.include:
            company = {**company_of(answer), "_file": name}
            yield Entity(company, list(_events(cik, answer, since, read)))
    asked = failed + counts.total()
    if not asked:
        raise SourceRejected(source, "found no company to read; check `exchanges` or the archive")
    if failed > MOST_FAILURES * asked:
        raise SourceRejected(source, f"{failed} of {asked} companies failed; the last: {last}")
    log.info("source %s: %d entities failed; %s", source, failed, dict(counts))


def _said(error: SourceNotFound | ValueError) -> str:
    return error.message if isinstance(error, SourceNotFound) else str(error)


# Events


def _events(
    cik: str, answer: Mapping[str, Any], since: str, read: Read
) -> Iterator[dict[str, Any]]:
    """The items of its 8-Ks since that day; a page that can't be read is a reject.

    An amendment that tells of an event which has been told of adds nothing.
    """
    filings, troubles = _eight_ks(cik, answer, since, read)
    yield from troubles
    told = {(f.reported, item) for f in filings if not _amends(f) for item in f.items}
    for filing in sorted(filings, key=lambda filing: (filing.accepted, filing.accession)):
        news = [i for i in filing.items if not (_amends(filing) and (filing.reported, i) in told)]
        told.update((filing.reported, item) for item in news)
        if filing.filed >= since or not filing.filed:
            row = {"cik": cik, "_file": f"CIK{cik}.json", **filing._asdict()}
            yield from ({**row, "item": item} for item in news if item not in EXHIBITS)


def _amends(filing: Filing) -> bool:
    """Without a day of the event nobody can tell which one is amended."""
    return filing.form.endswith("/A") and bool(filing.reported)


def _eight_ks(
    cik: str, answer: Mapping[str, Any], since: str, read: Read
) -> tuple[list[Filing], list[dict[str, Any]]]:
    """Its 8-Ks on all pages that may matter, and the rejects of those that can't be read."""
    filings: list[Filing] = []
    troubles = []
    first = f"CIK{cik}.json"
    for name in [first, *pages_of(answer, since)]:
        try:
            page = recent_of(answer) if name == first else json_of(read(name))
            filings += eight_ks(page)
        except (SourceNotFound, ValueError) as error:
            troubles.append({"cik": cik, "_file": name, "_reject": _said(error)})
    return filings, troubles


# Frames


def _companies(found: pl.DataFrame) -> pl.DataFrame:
    place = pl.col("place")
    placed = found.with_columns(
        cik="source_company_id",
        country=pl.coalesce(edgar.country(place), "country"),
        region=pl.coalesce(edgar.region(place), "region"),
        industry_system=pl.when(pl.col("industry_code").is_not_null()).then(pl.lit("sic")),
    )
    return placed.drop("place")


def _signals(found: pl.DataFrame) -> pl.DataFrame:
    """Times are taken for what EDGAR writes them as, UTC; without one, the end of the day filed."""
    filed, reported, accepted = (
        convert(pl.col(name), "date" if name != "accepted" else "timestamp", date.min)
        for name in ("filed", "reported", "accepted")
    )
    is_known = pl.col("item").is_in(list(ITEMS))
    topics = {item: topic for item, (topic, _) in ITEMS.items()}
    headings = {item: heading for item, (_, heading) in ITEMS.items()}
    topic = pl.col("item").replace_strict(topics, default=ANOTHER)
    url = edgar.filing_url(pl.col("cik"), pl.col("accession"))
    strange = pl.format("expected an accession number, found {}", "accession")
    return found.select(
        "cik",
        "_file",
        unread({"topic": ~is_known}),
        source_signal_id=pl.concat_str("accession", "item", "cik", separator="/"),
        source_company_id="cik",
        kind=pl.lit("filing"),
        topic=topic,
        title=pl.format(
            "{}{} ({} item {})",
            topic.str.head(1).str.to_uppercase(),
            topic.str.tail(-1),
            "form",
            "item",
        ),
        text=pl.col("item").replace_strict(headings, default=None),
        occurred_at=pl.coalesce(pl.when(reported <= filed).then(reported), filed, reported).cast(
            TIMESTAMP
        ),
        known_at=pl.coalesce(accepted, edgar.day_ended(filed)),
        url=url,
        _reject=pl.coalesce("_reject", pl.when(url.is_null()).then(strange)),
    )
