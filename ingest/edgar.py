"""What the sources of EDGAR, the SEC's archive, have in common: who asks, places, days, indexes.

What belongs here: facts about EDGAR that more than one connector needs. What doesn't: what a
filing means (`sources/`).

The SEC permits ten requests a second to all of its hosts together. The connectors share them
between each other by their RATE_PER_SECOND, since each source has a session of its own.
"""

import re
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import AfterValidator

from ingest.convert import TIMESTAMP
from ingest.errors import SourceRejected
from ingest.http import SourceSession
from ingest.options import VARIABLE, FromEnvironment

ARCHIVES = "https://www.sec.gov/Archives/edgar/data"
DAYS_END_IN = "America/New_York"
ACCESSION = re.compile(r"(?<!\d)(\d{10})-?(\d{2})-?(\d{6})(?!\d)")
LISTED = re.compile(
    r"(?P<form>\S+(?: \S+)*) {2,}.*\d {2,}(?:\d{8}|\d{4}-\d\d-\d\d) {2,}"
    r"(?P<path>edgar/data/\d+/(?P<number>\d{10}-\d\d-\d{6})\.txt) *"
)
LONGEST_LINE = 500
AGENT = re.compile(r"[ -~]*[!-?A-~]@[!-?A-~]+\.[A-Za-z]{2,}[ -~]*")

PLACES = Path(__file__).with_name("edgar_places.csv")


def _declares_itself(agent: str) -> str:
    if not VARIABLE.search(agent) and not AGENT.fullmatch(agent):
        raise ValueError(
            'expected a company and an e-mail address, such as "Acme Sample sales@acme-sample.com"'
        )
    return agent


UserAgent = Annotated[FromEnvironment, AfterValidator(_declares_itself)]
"""What the SEC demands to be told of who asks: a company and an e-mail address."""


def country(code: pl.Expr) -> pl.Expr:
    """ISO 3166-1 alpha-2 of EDGAR's codes of states and countries; null for others."""
    return _looked_up(code, "country")


def region(code: pl.Expr) -> pl.Expr:
    """The state or province of EDGAR's codes, as its post office abbreviates it; else null."""
    return _looked_up(code, "region")


def day_ended(day: pl.Expr) -> pl.Expr:
    """The end of a day of filing, in UTC: by then what was filed on it could be known."""
    midnight = (day + pl.duration(days=1)).cast(pl.Datetime("us"))
    return midnight.dt.replace_time_zone(DAYS_END_IN).dt.convert_time_zone("UTC").cast(TIMESTAMP)


def filing_url(cik: pl.Expr, accession: pl.Expr) -> pl.Expr:
    """Where people read a filing; null where it has no accession number of EDGAR's."""
    number = pl.when(accession.str.contains(r"^\d{10}-\d{2}-\d{6}$")).then(accession)
    return pl.format(
        f"{ARCHIVES}/{{}}/{{}}/{{}}-index.htm",
        cik.str.strip_chars_start("0"),
        number.str.replace_all("-", "", literal=True),
        number,
    )


def accession_in(text: str) -> str | None:
    """The accession number that a name or an address holds, with its dashes."""
    found = ACCESSION.search(text)
    return "-".join(found.groups()) if found else None


def filed_on(
    session: SourceSession, sec_url: str, days: Iterable[date], forms: Collection[str]
) -> list[str]:
    """The addresses of the filings of some forms on these days, by EDGAR's daily indexes.

    Of a day without an index, such as a holiday, there are none. To ask for it would be answered
    as if one were not allowed to, so the quarter's folder is asked what it has.
    """
    root = f"{sec_url.rstrip('/')}/Archives/"
    found: dict[str, str] = {}
    for folder, names in _indexes(days).items():
        address = f"{root}edgar/daily-index/{folder}/"
        there = _names_in(session, f"{address}index.json")
        for name in names:
            text = session.get_bytes(address + name).decode("latin-1") if name in there else ""
            for line in text.splitlines():
                filing = LISTED.fullmatch(line) if len(line) <= LONGEST_LINE else None
                if filing and filing["form"] in forms:
                    # A filing of several firms is listed under each of them.
                    found.setdefault(filing["number"], root + filing["path"])
    return list(found.values())


def _indexes(days: Iterable[date]) -> dict[str, list[str]]:
    """Names of daily indexes by their quarter's folder, of the days on which there may be one.

    A quarter has no folder before its first index, which never is that of a holiday.
    """
    folders: dict[str, list[str]] = {}
    for day in days:
        if day.weekday() < 5 and (day.month, day.day) != (1, 1):
            folder = f"{day.year}/QTR{(day.month + 2) // 3}"
            folders.setdefault(folder, []).append(f"form.{day:%Y%m%d}.idx")
    return folders


def _names_in(session: SourceSession, address: str) -> set[str]:
    answer = session.get_json(address)
    try:
        return {item["name"] for item in answer["directory"]["item"]}
    except (KeyError, TypeError):
        raise SourceRejected(
            session.source, f"{address}: expected a folder's `directory.item` with names"
        ) from None


def _looked_up(code: pl.Expr, column: str) -> pl.Expr:
    spelled = code.str.strip_chars().str.to_uppercase()
    return spelled.replace_strict(
        _places()["code"], _places()[column], default=None, return_dtype=pl.String
    )


@cache
def _places() -> pl.DataFrame:
    """EDGAR's codes of states and countries, with ISO 3166-1 alpha-2 beside them."""
    return pl.read_csv(PLACES, infer_schema=False)
