"""Companies House: every company on the UK's register, from the free company data product.

What: the monthly snapshot as one CSV or in parts, plain or zipped, of a folder or from the site.
Terms of use: free, Crown copyright, its source to be named. Rate: one file a month, about 500 MB.
Tables: companies. Secrets: none.

It has no web addresses and no head counts. Which accounts a company files is a hint of its size
and lands as an attribute: the thresholds are two of three (head count, turnover, balance sheet),
and anyone may file fuller accounts than asked, so a head count would be a guess.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest import files
from ingest.columns import attribute_entries, listed
from ingest.convert import convert, stripped
from ingest.errors import SourceNotFound, SourceRejected
from ingest.files import VENDOR, Encoding, FileOptions
from ingest.headers import check_columns, vendor_names
from ingest.options import FromEnvironment
from ingest.registers import uk_authority, uk_company_number
from ingest.registry import Request
from ingest.unread import unread

RATE_PER_SECOND = 1.0
NEEDED = (
    "CompanyName",
    "CompanyNumber",
    "RegAddress.AddressLine1",
    "RegAddress.PostTown",
    "RegAddress.Country",
    "RegAddress.PostCode",
    "CompanyCategory",
    "CompanyStatus",
    "IncorporationDate",
    "Accounts.AccountCategory",
    "SICCode.SicText_1",
)
KNOWN = re.compile(
    r"CompanyName|CompanyNumber|CompanyCategory|CompanyStatus|CountryOfOrigin|DissolutionDate"
    r"|IncorporationDate|URI|ConfStmtNextDueDate|ConfStmtLastMadeUpDate"
    r"|RegAddress\.\w+|Accounts\.\w+|Returns\.\w+|Mortgages\.\w+|LimitedPartnerships\.\w+"
    r"|SICCode\.SicText_\d+|PreviousName_\d+\.(?:CONDATE|CompanyName)"
)
PREVIOUS_NAMES = re.compile(r"PreviousName_\d+\.CompanyName")
SIC_TEXTS = re.compile(r"SICCode\.SicText_\d+")
PART = re.compile(r"part(\d+)_(\d+)")
SIC = r"^(\d{4,5})\s*-\s*(.+)$"
DATE = "date:%d/%m/%Y"
STATUSES = {
    "dissolved": r"(?i)dissolved|closed|removed|converted",
    "insolvent": r"(?i)liquidat|administrat|receiver|voluntary arrangement|insolven",
    "active": r"(?i)^(?:active|open|registered)",
}
ACCOUNTS_SIZES = {
    "micro": ("MICRO ENTITY",),
    "small": (
        "SMALL",
        "TOTAL EXEMPTION FULL",
        "TOTAL EXEMPTION SMALL",
        "UNAUDITED ABRIDGED",
        "AUDITED ABRIDGED",
        "PARTIAL EXEMPTION",
    ),
    "medium": ("MEDIUM",),
    "dormant": ("DORMANT",),
}

log = logging.getLogger(__name__)


class Options(BaseModel):
    """Where the snapshot lies, and which of its companies land."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: FromEnvironment | None = Field(
        None, description="a path or pattern, from the folder of sources.yml"
    )
    url: FromEnvironment | None = Field(None, description="the address of one snapshot")
    date_in_name: str | None = None
    encoding: Encoding = "utf-8"
    base_url: FromEnvironment = Field(
        "https://download.companieshouse.gov.uk",
        description="where the newest snapshot is looked for",
    )
    statuses: tuple[str, ...] = Field(
        (), description="land these only: active, insolvent, dissolved"
    )
    sic: tuple[str, ...] = Field((), description="land these only: SIC codes, or how they begin")
    postcodes: tuple[str, ...] = Field((), description="land these only: how postcodes begin")

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        unknown = sorted(set(self.statuses) - set(STATUSES))
        if unknown:
            raise ValueError(f"expected statuses among {', '.join(STATUSES)}, found {unknown[0]}")
        if self.path or self.url or self.date_in_name:
            _file(self)
        return self


def tables(options: Options) -> tuple[str, ...]:
    """Always the same."""
    return ("companies",)


def answers_for_past(options: Options) -> bool:
    """Where the snapshots are dated drops: the site keeps the newest only."""
    return bool(options.path or options.url) and files.answers_for_past(_file(options))


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """Companies, block by block; what the options leave out is counted and logged."""
    file, paths = _snapshot(source, options, request)
    _check_parts(source, paths)
    counts: Counter[str] = Counter()
    for path in paths:
        for frame in files.read(source, path, file):
            check_columns(source, path.name, NEEDED, frame, "is it the free company data product?")
            rows = _read(frame)
            wanted = rows.filter(_is_wanted(options) | pl.col("_reject").is_not_null())
            counts += Counter(rows=rows.height, wanted=wanted.height)
            yield "companies", _companies(wanted)
    log.info(
        "source %s: %d of %d companies are left out by statuses, sic and postcodes",
        source,
        counts["rows"] - counts["wanted"],
        counts["rows"],
    )


def _file(options: Options, url: str | None = None) -> FileOptions:
    given = {"path": options.path, "url": url or options.url, "date_in_name": options.date_in_name}
    return FileOptions.model_validate({**given, "encoding": options.encoding, "format": "csv"})


def _snapshot(source: str, options: Options, request: Request) -> tuple[FileOptions, list[Path]]:
    """The files of the options; else the site's snapshot of the month or of the month before."""
    if options.path or options.url:
        file = _file(options)
        return file, files.located(source, file, request)
    month = request.week.replace(day=1)
    earlier = (month - timedelta(days=1)).replace(day=1)
    try:
        file = _file(options, _address(options, month))
        return file, files.located(source, file, request)
    except SourceNotFound:
        # It comes out within the first five working days.
        file = _file(options, _address(options, earlier))
        return file, files.located(source, file, request)


def _address(options: Options, month: date) -> str:
    return f"{options.base_url.rstrip('/')}/BasicCompanyDataAsOneFile-{month:%Y-%m-%d}.zip"


def _check_parts(source: str, paths: list[Path]) -> None:
    """A snapshot in parts is whole or not read: its missing companies would look dissolved."""
    parts = [(int(found[1]), int(found[2])) for path in paths if (found := PART.search(path.name))]
    missing = {
        number
        for _, count in parts
        for number in range(1, count + 1)
        if (number, count) not in parts
    }
    if missing:
        listed = ", ".join(map(str, sorted(missing)))
        raise SourceRejected(
            source,
            f"{paths[0].parent.name}: part {listed} of {max(parts)[1]} is missing; "
            "put all parts of one month there",
        )


def _read(frame: pl.DataFrame) -> pl.DataFrame:
    """The vendor's columns by their names, with number, status and the SIC codes made of them."""
    names = vendor_names(frame)
    texts = frame.select(
        "_file",
        "_line",
        "_reject",
        *(stripped(pl.col(VENDOR + name)).alias(name) for name in names if KNOWN.fullmatch(name)),
        *(pl.lit(None).alias(VENDOR + name) for name in names if not KNOWN.fullmatch(name)),
    )
    codes = [text.str.extract(SIC, 1) for text in _matching(texts, SIC_TEXTS)]
    status = pl.coalesce(
        pl.when(pl.col("CompanyStatus").str.contains(pattern)).then(pl.lit(word))
        for word, pattern in STATUSES.items()
    )
    number = uk_company_number(pl.col("CompanyNumber"))
    found = pl.col("CompanyNumber").fill_null("nothing")
    problem = pl.format("expected a company number of 8 characters, found {}", found)
    return texts.with_columns(
        number=number,
        status=pl.when(_optional(texts, "DissolutionDate").is_not_null())
        .then(pl.lit("dissolved"))
        .otherwise(status),
        sic_codes=listed(codes),
        _reject=pl.coalesce("_reject", pl.when(number.is_null()).then(problem)),
    )


def _is_wanted(options: Options) -> pl.Expr:
    wanted = [pl.lit(value=True)]
    if options.statuses:
        wanted.append(pl.col("status").is_in(options.statuses))
    if options.sic:
        begins = "^(?:" + "|".join(map(re.escape, options.sic)) + ")"
        wanted.append(pl.col("sic_codes").list.eval(pl.element().str.contains(begins)).list.any())
    if options.postcodes:
        begins = "^(?:" + "|".join(re.escape(code.upper()) for code in options.postcodes) + ")"
        wanted.append(pl.col("RegAddress.PostCode").str.contains(begins))
    return pl.all_horizontal(wanted).fill_null(value=False)


def _companies(rows: pl.DataFrame) -> pl.DataFrame:
    incorporated, dissolved = (
        _date(rows, f"{event}Date") for event in ("Incorporation", "Dissolution")
    )
    lines = pl.concat_str(
        "RegAddress.AddressLine1",
        _optional(rows, "RegAddress.AddressLine2"),
        separator=", ",
        ignore_nulls=True,
    )
    attributes = {
        "company_status": pl.col("CompanyStatus"),
        "sic_codes": pl.when(pl.col("sic_codes").list.len() > 0).then(
            pl.col("sic_codes").list.join("; ")
        ),
        "incorporation_date": incorporated.cast(pl.String),
        "dissolution_date": dissolved.cast(pl.String),
        "country_of_origin": _optional(rows, "CountryOfOrigin"),
        "accounts_category": pl.col("Accounts.AccountCategory"),
        "accounts_size": _accounts_size(),
        "accounts_made_up_to": _date(rows, "Accounts.LastMadeUpDate").cast(pl.String),
        "accounts_next_due": _date(rows, "Accounts.NextDueDate").cast(pl.String),
        "charges_outstanding": _optional(rows, "Mortgages.NumMortOutstanding"),
    }
    return rows.select(
        "_file",
        "_line",
        "_reject",
        "status",
        pl.col(f"^{re.escape(VENDOR)}.*$"),
        unread(_lost(rows, incorporated, dissolved)),
        source_company_id="number",
        name="CompanyName",
        aliases=listed(_matching(rows, PREVIOUS_NAMES)),
        street=lines,
        city="RegAddress.PostTown",
        region=_optional(rows, "RegAddress.County"),
        postal_code="RegAddress.PostCode",
        country=pl.coalesce(
            convert(pl.col("RegAddress.Country"), "country", date.min),
            convert(_optional(rows, "CountryOfOrigin"), "country", date.min),
        ),
        industry=pl.col("SICCode.SicText_1").str.extract(SIC, 2),
        industry_code=pl.col("sic_codes").list.first(),
        industry_system=pl.when(pl.col("sic_codes").list.len() > 0).then(pl.lit("uk_sic")),
        founded_year=incorporated.dt.year(),
        legal_form="CompanyCategory",
        registration_authority=uk_authority(pl.col("number")),
        registration_number="number",
        attributes=attribute_entries(attributes),
    )


def _matching(rows: pl.DataFrame, pattern: re.Pattern[str]) -> list[pl.Expr]:
    return [pl.col(name) for name in rows.columns if pattern.fullmatch(name)]


def _optional(rows: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in rows.columns else pl.lit(None, pl.String)


def _date(rows: pl.DataFrame, name: str) -> pl.Expr:
    return convert(_optional(rows, name), DATE, date.min)


def _lost(rows: pl.DataFrame, incorporated: pl.Expr, dissolved: pl.Expr) -> dict[str, pl.Expr]:
    """Which of a row's dates could not be read."""
    given = {"IncorporationDate": incorporated, "DissolutionDate": dissolved}
    return {
        name: _optional(rows, name).is_not_null() & value.is_null() for name, value in given.items()
    }


def _accounts_size() -> pl.Expr:
    category = pl.col("Accounts.AccountCategory").str.to_uppercase()
    return pl.coalesce(
        pl.when(category.is_in(categories)).then(pl.lit(size))
        for size, categories in ACCOUNTS_SIZES.items()
    )
