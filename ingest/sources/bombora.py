"""Bombora Company Surge: which companies research which topics more than they use to.

What: by path or address a CSV, as ADAT (12 columns) or master surge file (9 columns) without a
header, or with one, the API's JSON lines, or a Parquet file that a warehouse exported. Terms of
use: the customer's contract. Rate: one file a week. Secrets: none.
Tables: signals (topic_surge), and companies, for the domains that the file names.

A score of 50 is as usual, 60 and more a surge. Rows per metro area collapse to the highest score
of their domain and topic.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import Field

from ingest import files
from ingest.convert import TIMESTAMP, canonical_text, convert, stripped
from ingest.errors import SourceRejected
from ingest.files import VENDOR, FileOptions
from ingest.headers import check_columns, vendor_names
from ingest.normalise import registrable_domain
from ingest.registry import Request

RATE_PER_SECOND = 1.0
ADAT = (
    "company_name",
    "domain",
    "size",
    "industry",
    "category",
    "topic",
    "score",
    "bucket",
    "metro",
    "metro_score",
    "metro_bucket",
    "country",
)
MASTER_SURGE = (*ADAT[:7], "metros", "country")
HEADERLESS = {len(names): names for names in (ADAT, MASTER_SURGE)}
ALIASES = {
    "company_name": ("companyname", "company", "name", "accountname"),
    "domain": ("domain", "companydomain", "domainname", "companyurl", "website"),
    "size": ("size", "companysize", "employeerange", "employees"),
    "industry": ("industry", "companyindustry"),
    "topic": ("topic", "topicname", "surgetopic"),
    "score": (
        "compositescore",
        "averagecompositescore",
        "score",
        "surgescore",
        "topicscore",
        "companysurgescore",
    ),
    "country": ("domainorigincountry", "country", "companycountry", "hqcountry"),
    "date": ("date", "surgedate", "weekof", "lastupdated"),
}
NEEDED = ("domain", "topic", "score")
DATE_FORMS = ("date", "date:%m/%d/%Y", "date:%Y%m%d")


class Options(FileOptions):
    """The file, what counts as a surge, and headers that are not known here."""

    threshold: float = Field(60, ge=0, le=100)
    columns: dict[str, str] = Field({}, description="headers by name: domain, topic, score, ...")


def tables(options: Options) -> tuple[str, ...]:
    """Always both."""
    return ("companies", "signals")


def answers_for_past(options: Options) -> bool:
    """As files do."""
    return files.answers_for_past(options)


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows set aside, then the surges and the companies of all files."""
    surges, companies = [], []
    for path in files.located(source, options, request):
        layout = _layout(source, path, options)
        for frame in files.read(source, path, layout):
            rows = _rows(source, path.name, frame, options)
            is_broken = pl.col("_reject").is_not_null()
            yield "signals", rows.filter(is_broken).select("_file", "_line", "_reject")
            surges.append(_highest(rows.filter(~is_broken, pl.col("score") >= options.threshold)))
            companies.append(_named(rows.filter(~is_broken)))
    yield "signals", _signals(_highest(pl.concat(surges)), request.week)
    yield "companies", _companies(_named(pl.concat(companies)), request.week)


def _layout(source: str, path: Path, options: Options) -> FileOptions:
    """How to read a file, told by its first line: it is a header if it names what is needed."""
    first = files.first_record(source, path, options)
    if options.names or all(name in _headers(first, options) for name in NEEDED):
        return options
    if len(first) in HEADERLESS:
        return options.model_copy(update={"header": False, "names": HEADERLESS[len(first)]})
    raise SourceRejected(
        source,
        f"{path.name}: expected a header with Domain, Topic and Composite Score, or 12 or 9 "
        f"columns without one; found {len(first)} columns; name the headers in `columns`",
    )


def _headers(names: Iterable[str], options: Options) -> dict[str, str]:
    """The file's header of each thing wanted, where it has one."""
    folded = {re.sub("[^a-z]", "", name.lower()): name for name in reversed(list(names))}
    known = {
        name: folded[alias]
        for name, aliases in ALIASES.items()
        for alias in reversed(aliases)
        if alias in folded
    }
    return {**known, **options.columns}


def _rows(source: str, path: str, frame: pl.DataFrame, options: Options) -> pl.DataFrame:
    """What is wanted, read; a row without domain, topic or score has a reason to go."""
    headers = _headers(vendor_names(frame), options)
    check_columns(source, path, headers.values(), frame, "mend `columns` in sources.yml")
    nothing = pl.lit(None, pl.String)
    texts = frame.select(
        "_file",
        "_line",
        "_reject",
        *(
            (_text(frame, headers[name]) if name in headers else nothing).alias(name)
            for name in ALIASES
        ),
    )
    read = {
        "domain": pl.col("domain").map_batches(registrable_domain, return_dtype=pl.String),
        "topic": pl.col("topic").str.to_lowercase(),
        "score": convert(pl.col("score"), "number", date.min),
    }
    problems = [_problem(name, value) for name, value in read.items()]
    day = pl.coalesce(convert(pl.col("date"), form, date.min) for form in DATE_FORMS)
    return texts.with_columns(**read, date=day, _reject=pl.coalesce("_reject", *problems))


def _text(frame: pl.DataFrame, header: str) -> pl.Expr:
    """A column as text, whatever type a Parquet file gives it."""
    return stripped(canonical_text(pl.col(VENDOR + header), frame.schema[VENDOR + header]))


def _problem(name: str, value: pl.Expr) -> pl.Expr:
    found = pl.col(name).fill_null("nothing")
    return pl.when(value.is_null()).then(pl.format(f"expected a {name}, found {{}}", found))


def _highest(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per domain, topic and date, whatever the metro areas."""
    return rows.group_by("domain", "topic", "date").agg(pl.col("score").max())


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per domain of which the file gives a name; of each fact the first."""
    facts = pl.col("company_name", "size", "industry", "country").drop_nulls().first()
    named = rows.group_by("domain", maintain_order=True).agg(facts)
    return named.filter(pl.col("company_name").is_not_null())


def _signals(surges: pl.DataFrame, week: date) -> pl.DataFrame:
    """Bombora says of which week a surge is, not when it was published: known_at stays null."""
    day = pl.col("date").fill_null(pl.lit(week))
    return surges.select(
        "domain",
        "topic",
        source_signal_id=pl.concat_str("domain", "topic", day.cast(pl.String), separator="|"),
        source_company_id="domain",
        kind=pl.lit("topic_surge"),
        strength=pl.col("score") / 100,
        occurred_at=day.cast(TIMESTAMP),
    )


def _companies(companies: pl.DataFrame, week: date) -> pl.DataFrame:
    size = convert(pl.col("size"), "number_or_band", week).struct
    return companies.select(
        "domain",
        "industry",
        "country",
        source_company_id="domain",
        name="company_name",
        employees=size.field("number"),
        employees_low=size.field("low"),
        employees_high=size.field("high"),
    )
