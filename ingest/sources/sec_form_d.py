"""SEC Form D: companies that raised money without a public offering, and who leads them.

What: the filings of the last days by EDGAR's daily indexes, single ones by path or address, and the
SEC's quarterly sets. Of each that is no pooled fund's: the primary issuer, its executives and
directors, and the offering as a signal. Terms of use: public domain; the SEC wants to be told who
asks. Rate: 10 requests a second over all of its hosts; 5 here, 5 in `sec_edgar`. Tables: companies,
contacts, signals (funding). Secrets: none.

Incremental by dates: the indexes tell what is new, the sets hold what is older. A filing never
changes, an amendment is a filing of its own; of a company the newest of those read counts.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest import edgar, files
from ingest.convert import TIMESTAMP, canonical_text, convert
from ingest.errors import SourceNotFound, SourceRejected
from ingest.files import Encoding, FileOptions
from ingest.form_d import (
    DOCUMENT_BYTES,
    FORMER,
    NOTHING,
    RELATIONS,
    REMARKS,
    TRUE,
    Filings,
    read_document,
    read_set,
    rejected,
)
from ingest.http import shown
from ingest.merges import standing, survivors
from ingest.options import FromEnvironment
from ingest.registry import Request
from ingest.unread import UNREAD, unread

RATE_PER_SECOND = 5.0
MOST_FAILURES = 0.5
AMENDMENT = "D/A"
FORMS = ["D", AMENDMENT]
AGE = ("at", "accession")
# A round, what of it is sold later, and an offering of which nothing is sold yet.
ROUND, CONTINUED, OFFERED = (
    "private placement",
    "private placement continued",
    "private placement offered",
)
POOLED = "pooled investment fund"
LEADERS = ["Executive Officer", "Director"]
NO_NAME = ["", "n/a", "na", "none", "null", "-", "--", "---", "."]
ORGANISATION = (
    r"(?i)\b(?:llc|l\.l\.c|inc|incorporated|ltd|limited|llp|lp|l\.p|corp|corporation|company|gmbh|"
    r"plc|fund|trust|holdings|partners|gp)\b"
)
REVENUE = r"\$\s*(?P<low>[\d,]+)(?:\s*-\s*\$\s*(?P<high>[\d,]+))?"


class Options(BaseModel):
    """Which filings, and who asks for them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_agent: edgar.UserAgent
    days: Annotated[int, Field(ge=0, le=92)] = 0
    filings: tuple[FromEnvironment, ...] = ()
    sets: tuple[FromEnvironment, ...] = ()
    encoding: Encoding = Field("utf-8", description="of the sets")
    sec_url: FromEnvironment = "https://www.sec.gov"

    @model_validator(mode="after")
    def _names_filings(self) -> Self:
        if not (self.days or self.filings or self.sets):
            raise ValueError("expected `days`, `filings` or `sets`")
        return self


def tables(options: Options) -> tuple[str, ...]:
    """Always the same."""
    return ("companies", "contacts", "signals")


def answers_for_past(options: Options) -> bool:
    """A filing stays, but which of them are listed is a matter of today."""
    return False


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """Companies and contacts by each company's newest filing, and every offering.

    A filing that can't be read is a reject. SourceRejected when more than half of what is listed
    can't, or when a set lacks a table or a column.
    """
    request.session.use_agent(options.user_agent, "user_agent")
    parts = [NOTHING, *_read(source, options, request)]
    found, unread = _parted(_judged(pl.concat([part.filings for part in parts])))
    people, unread_people = _parted(pl.concat([part.people for part in parts]))
    filings = _filings(found, request.week)
    newest = filings.sort("at", "accession").unique("cik", keep="last", maintain_order=True)
    yield "companies", _companies(newest)
    yield "contacts", unread_people
    yield "contacts", _contacts(newest, people)
    yield "signals", unread
    yield "signals", _signals(filings)


# Reading


def _read(source: str, options: Options, request: Request) -> Iterator[Filings]:
    filings = [*options.filings, *_filed(options, request)]
    listed = [
        *((written, partial(_documents, source, request)) for written in filings),
        *((written, partial(_sets, source, options, request)) for written in options.sets),
    ]
    asked, failures = 0, []
    for written, read in listed:
        try:
            parts = list(read(written))
        except SourceNotFound as error:
            parts = [rejected(_shown(written), error.message)]
        asked += len(parts)
        failures += [part.filings.row(0, named=True) for part in parts if _failed(part)]
        yield from parts
    if len(failures) > MOST_FAILURES * asked:
        last = f"{failures[-1]['_file']}: {failures[-1]['_reject']}"
        raise SourceRejected(source, f"{len(failures)} of {asked} failed; the last: {last}")


def _filed(options: Options, request: Request) -> list[str]:
    """The filings of the days before the list week, which a list of that week can know of."""
    days = [request.week - timedelta(days=back) for back in range(options.days, 0, -1)]
    return edgar.filed_on(request.session, options.sec_url, days, FORMS) if days else []


def _failed(part: Filings) -> bool:
    return bool(part.filings["_reject"].is_not_null().all()) and not part.filings.is_empty()


def _documents(source: str, request: Request, written: str) -> Iterator[Filings]:
    if "://" in written:
        yield read_document(_shown(written), request.session.get_bytes(written))
        return
    for path in files.found(source, FileOptions(path=written, url=None), request):
        with path.open("rb") as file:
            yield read_document(path.name, file.read(DOCUMENT_BYTES + 1))


def _sets(source: str, options: Options, request: Request, written: str) -> Iterator[Filings]:
    place = "url" if "://" in written else "path"
    for path in files.found(source, FileOptions.model_validate({place: written}), request):
        yield read_set(source, path, request.scratch, options.encoding)


def _shown(written: str) -> str:
    """What is listed as messages may show it: an address may hold a secret."""
    return shown(written) if "://" in written else written


# Filings


def _judged(found: pl.DataFrame) -> pl.DataFrame:
    """A filing must be a Form D, and name its company."""
    form, cik = pl.col("form").fill_null("none"), pl.col("cik").fill_null("none")
    reasons = (
        (~form.is_in(FORMS), pl.format("expected the form D or D/A, found {}", form)),
        (~cik.str.contains(r"^\d{1,10}$"), pl.format("expected a CIK, found {}", cik)),
        (pl.col("name").is_null(), pl.lit("its issuer has no name")),
    )
    return found.with_columns(
        _reject=pl.coalesce("_reject", *(pl.when(wrong).then(why) for wrong, why in reasons))
    )


def _parted(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that are good, and what is told of the others."""
    is_good = pl.col("_reject").is_null()
    return rows.filter(is_good), rows.filter(~is_good).select(list(REMARKS))


def _filings(found: pl.DataFrame, week: date) -> pl.DataFrame:
    """One row per filing of a company that is no pooled fund, with typed values."""
    is_pooled = pl.col("is_pooled").str.to_lowercase().is_in(TRUE) | (
        pl.col("industry").str.to_lowercase() == POOLED
    )
    is_test = pl.col("mode").str.to_uppercase() == "TEST"
    companies = found.filter(~is_pooled.fill_null(value=False) & ~is_test.fill_null(value=False))
    once = companies.sort("accepted", "filed", nulls_last=True, maintain_order=True).unique(
        "accession", keep="first", maintain_order=True
    )
    typed = once.with_columns(
        _day("filed"),
        _day("sale"),
        _day("signed"),
        *(_amount(name) for name in ("offered", "sold", "investors")),
        unread(
            {name: _is_lost(name) for name in ("offered", "sold")}
            | {name: _is_no_day(name) for name in ("filed", "sale")}
        ),
        cik=pl.col("cik").str.zfill(10),
        accepted=_accepted(),
        founded=_year(week),
    )
    known_at = pl.coalesce("accepted", edgar.day_ended(pl.col("filed")))
    made = pl.coalesce("filed", "signed")
    # A first sale after the filing is a slip of the pen.
    sale = pl.when(made.is_null() | (pl.col("sale") <= made)).then("sale")
    return typed.with_columns(
        made=made,
        known_at=known_at,
        at=pl.coalesce(known_at, edgar.day_ended(pl.col("signed"))),
        raised=pl.coalesce(sale, made, "sale"),
    )


def _day(name: str) -> pl.Expr:
    """2026-01-31, 20260131 or 31-JAN-2026."""
    text = pl.col(name)
    written = pl.when(text.str.contains(r"^\d{1,2}-[A-Za-z]{3}-\d{4}$")).then(text)
    return pl.coalesce(
        convert(text, "date", date.min),
        text.str.to_date("%Y%m%d", strict=False),
        written.str.to_date("%d-%b-%Y", strict=False),
    ).alias(name)


def _is_no_day(name: str) -> pl.Expr:
    return pl.col(name).is_not_null() & _day(name).is_null()


def _accepted() -> pl.Expr:
    """The header's time, which is New York's."""
    local = pl.col("accepted").str.to_datetime("%Y%m%d%H%M%S", time_unit="us", strict=False)
    zoned = local.dt.replace_time_zone(edgar.DAYS_END_IN, ambiguous="latest", non_existent="null")
    return zoned.dt.convert_time_zone("UTC").cast(TIMESTAMP)


def _amount(name: str) -> pl.Expr:
    """Null for "Indefinite"."""
    number = convert(pl.col(name), "number", date.min)
    return pl.when(number >= 0).then(number).alias(name)


def _is_lost(name: str) -> pl.Expr:
    number = convert(pl.col(name), "number", date.min)
    is_indefinite = pl.col(name).str.to_lowercase() == "indefinite"
    return pl.col(name).is_not_null() & ~is_indefinite & number.is_null()


def _year(week: date) -> pl.Expr:
    year = pl.col("founded").cast(pl.Int64, strict=False)
    return pl.when(year.is_between(1600, week.year + 1)).then(year)


# Tables


def _companies(newest: pl.DataFrame) -> pl.DataFrame:
    place = pl.col("place")
    revenue = pl.col("revenue").str.extract_groups(REVENUE)
    former = [_given(name) for name in FORMER]
    attributes = {
        "jurisdiction": pl.col("jurisdiction"),
        "last_raise_date": canonical_text(pl.col("raised"), pl.Date()),
        "last_raise_investors": _number_text("investors"),
        "last_raise_offered_usd": _number_text("offered"),
        "last_raise_usd": _number_text("sold"),
        "revenue_range": pl.col("revenue"),
        "revenue_low_usd": revenue.struct.field("low").str.replace_all(",", ""),
        "revenue_high_usd": revenue.struct.field("high").str.replace_all(",", ""),
    }
    return newest.select(
        "cik",
        "name",
        "city",
        "postal_code",
        "phone",
        "industry",
        "legal_form",
        "_file",
        "_line",
        UNREAD,
        source_company_id="cik",
        aliases=pl.concat_list(former).list.drop_nulls(),
        country=pl.coalesce(edgar.country(place), "place_name"),
        region=edgar.region(place),
        street=pl.concat_str("street1", "street2", separator=", ", ignore_nulls=True),
        founded_year="founded",
        observed_at="known_at",
        attributes=_entries(attributes),
    )


def _number_text(name: str) -> pl.Expr:
    return canonical_text(pl.col(name), pl.Float64())


def _entries(values: dict[str, pl.Expr]) -> pl.Expr:
    entries = [pl.struct(key=pl.lit(key), value=value) for key, value in values.items()]
    listed = pl.concat_list(entries)
    return listed.list.filter(pl.element().struct.field("value").is_not_null())


def _given(name: str) -> pl.Expr:
    """A name that says something; the form says None for no former name, and N/A for no first."""
    text = pl.col(name).str.strip_chars()
    return pl.when(~text.str.to_lowercase().is_in(NO_NAME)).then(text)


def _contacts(newest: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The executives and directors whom the newest filing names; firms among them are left out."""
    named = people.join(newest.select("accession", "cik", "known_at"), on="accession")
    parts = named.with_columns(_given(name) for name in ("first", "middle", "last"))
    relations = pl.concat_list(*RELATIONS).list.drop_nulls()
    leading = parts.with_columns(
        full_name=pl.concat_str("first", "middle", "last", separator=" ", ignore_nulls=True),
        relations=relations.list.join(", "),
        is_leader=relations.list.set_intersection(LEADERS).list.len() > 0,
    ).filter(
        pl.col("is_leader")
        & pl.col("first").is_not_null()
        & pl.col("last").is_not_null()
        & ~pl.col("full_name").str.contains(ORGANISATION)
    )
    explained = pl.format("{} ({})", _given("clarification"), "relations")
    return leading.select(
        "full_name",
        "_file",
        "_line",
        source_contact_id=pl.format("{}/{}", "cik", pl.col("full_name").str.to_lowercase()),
        source_company_id="cik",
        title=pl.coalesce(explained, "relations"),
        observed_at="known_at",
    ).unique("source_contact_id", keep="first", maintain_order=True)


def _signals(filings: pl.DataFrame) -> pl.DataFrame:
    """Every offering, and each amendment that tells of more sold than what was filed before it.

    More of an offering that had sold something is no new round: it has a topic of its own, and
    happened between the filings, so by the day of the later one.
    """
    before = pl.col("sold").cum_max().shift().over("offering", order_by=AGE)
    told = filings.with_columns(pl.col("sold").fill_null(0), _offering(filings)).with_columns(
        before=before
    )
    news = told.filter(pl.col("before").is_null() | (pl.col("sold") > pl.col("before")))
    goes_on = pl.col("before") > 0
    topic = (
        pl.when(goes_on)
        .then(pl.lit(CONTINUED))
        .when(pl.col("sold") > 0)
        .then(pl.lit(ROUND))
        .otherwise(pl.lit(OFFERED))
    )
    return news.select(
        "cik",
        "known_at",
        "_file",
        "_line",
        source_signal_id="accession",
        source_company_id="cik",
        kind=pl.lit("funding"),
        topic=topic,
        title=_title(),
        occurred_at=pl.when(goes_on)
        .then(pl.coalesce("made", "raised"))
        .otherwise("raised")
        .cast(TIMESTAMP),
        url=edgar.filing_url(pl.col("cik"), pl.col("accession")),
    )


def _offering(filings: pl.DataFrame) -> pl.Series:
    """Of each filing the first of its offering, however many amendments lie between them.

    An amendment that doesn't say what it amends is of the offering that began on the same day.
    """
    same = pl.col("accession").first().over("cik", "sale", order_by=AGE)
    dashed = pl.col("previous").str.replace(r"^(\d{10})(\d{2})(\d{6})$", "${1}-${2}-${3}")
    amended = pl.coalesce(
        dashed, pl.when(pl.col("form") == AMENDMENT, pl.col("sale").is_not_null()).then(same)
    )
    links = filings.select(merged="accession", survivor=amended).drop_nulls()
    return filings.select(offering=standing(pl.col("accession"), survivors(links))).to_series()


def _title() -> pl.Expr:
    sold, form = _in_words("sold"), pl.format(" (Form {})", "form")
    whole = pl.coalesce(
        pl.format("of {} offered", _in_words("offered")), pl.lit("of an offering without a limit")
    )
    raised = pl.when(pl.col("sold") > 0).then(pl.format("Raised {} {}", sold, whole))
    offers = pl.format("Offers {}, nothing sold yet", _in_words("offered"))
    return pl.coalesce(raised, offers, pl.lit("Offers securities, nothing sold yet")) + form


def _in_words(name: str) -> pl.Expr:
    """$5.7 million; null for no amount."""
    amount, words = pl.col(name), pl.lit(None, pl.String)
    for unit, word in ((1.0, ""), (1e3, " thousand"), (1e6, " million"), (1e9, " billion")):
        # Rounded first, so that 999,999 is $1 million and not $1000 thousand.
        shown_as = canonical_text((amount / unit).round(1), pl.Float64())
        is_large = amount >= unit * (0.9995 if unit > 1e3 else 1.0) if unit > 1 else amount >= 0
        words = pl.when(is_large).then(pl.format("${}{}", shown_as, pl.lit(word))).otherwise(words)
    return words
