"""Visits to the own web site that could be put down to a company.

What: a CSV or Parquet file, such as a warehouse's export, with a row per visit or per day and
domain, by a map of its columns. Terms of use: first-party data; what visitors agreed to is the
site's business. Rate: one request per file that has an address. Tables: signals (web_visit).
Secrets: none.

Own staff, bots and hosts that many firms share don't land and are no rejects; the log counts them.
Nothing that tells one visitor from another lands: no IP address, cookie or query of an address.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any

import polars as pl
from pydantic import AfterValidator, Field, StringConstraints, create_model, model_validator

from ingest import files
from ingest.columns import joined_key
from ingest.convert import TIMESTAMP, canonical_text, stripped
from ingest.files import VENDOR, FileOptions
from ingest.headers import check_columns, vendor_names
from ingest.mapping import STRICT, Rule, column_value, rule_for
from ingest.normalise import domain_of, registrable_domain
from ingest.registry import Request
from ingest.settings import PROJECT
from ingest.unread import UNREAD, unread

RATE_PER_SECOND = 1.0
SHARED_HOSTS = PROJECT / "dbt_project" / "seeds" / "shared_hosts.csv"
COLUMNS: dict[str, tuple[Any, str]] = {
    "id": (pl.String(), "key of the visit, not of the visitor"),
    "domain": (pl.String(), "company's domain or web address"),
    "company_name": (pl.String(), "company's name, where there is no domain"),
    "country": (pl.String(), "country that goes with the name"),
    "visited_at": (TIMESTAMP, "time or day of the visit"),
    "page": (pl.String(), "address or path of the page"),
    "title": (pl.String(), "title of the page"),
    "visits": (pl.Float64(), "number of visits that the row stands for"),
    "pages": (pl.Float64(), "number of pages that were seen"),
    "user_agent": (pl.String(), "what the browser calls itself"),
    "is_bot": (pl.Boolean(), "whether it was a bot"),
    "is_staff": (pl.Boolean(), "whether it was the own staff"),
}
BOTS = ("bot", "crawl", "spider", "slurp", "headless", "preview", "curl", "wget", "python", "java/")
LEFT_OUT = {"staff": "own staff", "bots": "bots", "shared": "hosts that many firms share"}
NAMES_A_VISITOR = re.compile(
    r"\bip\b|ip ?addr|cookie|visitor|client|user|device|fingerprint", re.IGNORECASE
)
IP_ADDRESS = (
    r"^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|\[?[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,}[\d.]*\]?)$"
)
PAGE = r"^(?P<scheme>(?i:https?)://)?(?:[^/?#@]*@)?(?P<host>[^/?#]*)(?P<path>[^?#]*)"

log = logging.getLogger(__name__)


def _own_domain(text: str) -> str:
    domain = domain_of(text)
    if domain is None:
        raise ValueError(f'expected a domain such as acme.com, found "{text}"')
    return domain


def _path_prefix(text: str) -> str:
    if not re.fullmatch(r"/[^?#]*", text):
        raise ValueError(f'expected the beginning of a path such as /pricing, found "{text}"')
    return text


def _of_a_visit(rule: Rule) -> Rule:
    for name in rule.columns():
        if NAMES_A_VISITOR.search(re.sub("[^A-Za-z]", " ", name)):
            raise ValueError(
                f'"{name}" seems to tell who visited; map the key of the visit, or leave it out'
            )
    return rule


def _column(name: str, dtype: pl.DataType, description: str) -> tuple[Any, Any]:
    rule = rule_for(name, dtype)
    if name == "visited_at":
        return rule, Field(description=f"where the {description} stands")
    if name == "id":
        rule = Annotated[rule, AfterValidator(_of_a_visit)]
    return rule | None, Field(None, description=description)


_COLUMNS: dict[str, Any] = {
    name: _column(name, dtype, description) for name, (dtype, description) in COLUMNS.items()
}
Columns = create_model("Columns", __config__=STRICT, **_COLUMNS)


class Options(FileOptions):
    """The file, its columns, who is no prospect, and what pages are about."""

    columns: Columns = Field(description="a mapping of what is known here to the file's columns")
    not_domains: tuple[Annotated[str, AfterValidator(_own_domain)], ...] = ()
    bots: tuple[Annotated[str, StringConstraints(min_length=1, to_lower=True)], ...] = BOTS
    topics: dict[Annotated[str, AfterValidator(_path_prefix)], str] = Field(
        {}, description="topics by the beginning of a path"
    )
    full_strength: float = Field(10, gt=0, description="visits or pages that count in full")

    @model_validator(mode="after")
    def _names_a_company(self) -> "Options":
        if not {name for name, rule in self.columns if rule} & {"domain", "company_name"}:
            raise ValueError("expected `domain` or `company_name` among `columns`")
        return self


def tables(options: Options) -> tuple[str, ...]:
    """Always the same."""
    return ("signals",)


def answers_for_past(options: Options) -> bool:
    """As files do."""
    return files.answers_for_past(options)


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """A signal per row; of dated drops all up to the week."""
    left_out: Counter[str] = Counter()
    for path in files.located(source, options, request, all_dates=True):
        for frame in files.read(source, path, options):
            visits = _read(source, path.name, frame, options, request)
            judged = visits.with_columns(left_out=_left_out(options))
            left_out.update(dict(judged["left_out"].drop_nulls().value_counts().rows()))
            yield "signals", _signals(judged.filter(pl.col("left_out").is_null()), options)
    counts = ", ".join(f"{left_out[why]:,} of {words}" for why, words in LEFT_OUT.items())
    log.info("source %s: left out %s", source, counts)


def _read(
    source: str, path: str, frame: pl.DataFrame, options: Options, request: Request
) -> pl.DataFrame:
    """The rows with every column of COLUMNS, and the remarks about each."""
    rules: dict[str, Rule] = {name: rule for name, rule in options.columns if rule is not None}
    used = {name for rule in rules.values() for name in rule.columns()}
    check_columns(source, path, sorted(used), frame, "mend `columns` in sources.yml")
    values = {
        name: column_value(rule, name, COLUMNS[name][0], frame.schema, request.week)
        for name, rule in rules.items()
    }
    lost = {
        name: value.is_lost
        for name, value in values.items()
        if value.is_lost is not None and name != "visited_at"
    }
    rows = frame.select(
        "_file",
        "_line",
        "_reject",
        *(
            (values[name].value if name in values else pl.lit(None, dtype)).alias(name)
            for name, (dtype, _) in COLUMNS.items()
        ),
        *(pl.lit(None).alias(VENDOR + name) for name in vendor_names(frame) if name not in used),
        unread(lost),
    )
    domain = registrable_domain(rows["domain"])
    return rows.with_columns(
        domain,
        _in_utc(rows["visited_at"]),
        pl.col("id", "company_name", "title").pipe(_without_addresses),
        pl.concat_str(
            UNREAD,
            unread({"domain": pl.lit(rows["domain"].is_not_null() & domain.is_null())}),
            ignore_nulls=True,
        ),
    )


def _without_addresses(text: pl.Expr) -> pl.Expr:
    """Text, null where it is an IP address: some tools write it where they know no company."""
    bare = stripped(text)
    return pl.when(~bare.str.contains(IP_ADDRESS)).then(bare)


def _in_utc(times: pl.Series) -> pl.Series:
    """A Parquet file's days and times without a zone are UTC."""
    if times.dtype == pl.Datetime and times.dtype.time_zone is None:  # type: ignore[attr-defined]
        return times.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return times.cast(TIMESTAMP)


def _left_out(options: Options) -> pl.Expr:
    """Why a visit is nobody's whom to sell to; null for all others and for broken rows."""
    agent = pl.col("user_agent").str.to_lowercase()
    host = pl.col("domain")
    tenant_of = host.str.replace(r"^[^.]+\.", "")
    words = pl.lit(pl.Series([options.bots], dtype=pl.List(pl.String)))
    shared = _shared_hosts().implode()
    return (
        pl.when(pl.col("_reject").is_not_null())
        .then(None)
        .when(host.is_in(list(options.not_domains)) | pl.col("is_staff"))
        .then(pl.lit("staff"))
        .when(agent.str.contains_any(words) | pl.col("is_bot"))
        .then(pl.lit("bots"))
        .when(host.is_in(shared) | tenant_of.is_in(shared))
        .then(pl.lit("shared"))
    )


@cache
def _shared_hosts() -> pl.Series:
    """Hosts of free mail, of builders of sites and the like: the list that identity goes by too."""
    return pl.read_csv(SHARED_HOSTS)["host"]


def _signals(visits: pl.DataFrame, options: Options) -> pl.DataFrame:
    path, address = _page()
    occurred = pl.col("visited_at")
    identifying = ("domain", "company_name", "country", "visited_at", "path", "title")
    # A row that stands for a whole day is known when the day is over.
    known = pl.when(occurred == occurred.dt.truncate("1d")).then(occurred.dt.offset_by("1d"))
    unread = pl.when(occurred.is_null()).then(pl.lit("expected a time in `visited_at`"))
    located = visits.with_columns(path=path, address=address)
    return located.select(
        pl.selectors.starts_with(VENDOR),
        "_file",
        "_line",
        UNREAD,
        "domain",
        "company_name",
        "country",
        "title",
        source_signal_id=pl.coalesce(
            "id",
            joined_key([canonical_text(pl.col(n), located.schema[n]) for n in identifying]),
        ),
        kind=pl.lit("web_visit"),
        topic=_topic(options.topics),
        strength=_strength(options.full_strength),
        occurred_at=occurred,
        known_at=pl.coalesce(known, occurred),
        url="address",
        _reject=pl.coalesce("_reject", unread),
    )


def _page() -> tuple[pl.Expr, pl.Expr]:
    """Path and address of the page, both without what stands behind the question mark."""
    parts = pl.col("page").str.extract_groups(PAGE).struct
    path = parts.field("path").replace("", "/")
    address = pl.concat_str(parts.field("scheme"), parts.field("host"), parts.field("path"))
    return path, address


def _topic(topics: dict[str, str]) -> pl.Expr:
    """The topic of the longest beginning that the path has, part by part."""
    path = pl.col("path").str.to_lowercase().str.strip_chars_end("/") + "/"
    found = [
        pl.when(path.str.starts_with(f"{prefix.lower().rstrip('/')}/")).then(pl.lit(topic))
        for prefix, topic in sorted(topics.items(), key=lambda item: -len(item[0].rstrip("/")))
    ]
    return pl.coalesce(*found, pl.lit(None, pl.String))


def _strength(full: float) -> pl.Expr:
    """From 0 to 1 by the number of visits, else of pages; null where neither is known."""
    count = pl.coalesce("visits", "pages").cast(pl.Float64)
    return pl.when(count >= 0).then((count / full).clip(0, 1))
