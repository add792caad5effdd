"""EDGAR's submissions: what it answers about one entity, as a row of text and as its filings.

What belongs here: where a field stands in the answer, and what is wrong with one. What doesn't:
which entities are asked for and what is made of them (`sources/sec_edgar.py`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from ingest.http import json_of
from ingest.json_values import objects_of, texts_of

PAGE = re.compile(r"CIK(\d{10})-submissions-\d{3,6}\.json")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
FUND_SICS = frozenset({"6189", "6722", "6726"})
# The periodic reports of funds: a single form can be a slip, and insurers file funds' other forms.
FUND_REPORTS = frozenset(
    {"N-54A", "N-CEN", "N-CSR", "N-CSRS", "N-MFP", "N-MFP2", "N-MFP3", "NPORT-P"}
    | {"NSAR-A", "NSAR-B"}
)
COLUMNS = ("accessionNumber", "form", "items", "filingDate", "reportDate", "acceptanceDateTime")
# Those without which a filing is the same filing, only told of less exactly.
OPTIONAL = frozenset({"reportDate", "acceptanceDateTime"})
COMPANY: dict[str, Any] = {
    "source_company_id": pl.String,
    "name": pl.String,
    "aliases": pl.List(pl.String),
    "website": pl.String,
    "place": pl.String,
    "country": pl.String,
    "region": pl.String,
    "city": pl.String,
    "postal_code": pl.String,
    "street": pl.String,
    "phone": pl.String,
    "industry": pl.String,
    "industry_code": pl.String,
    "ownership": pl.String,
    "lei": pl.String,
    "attributes": pl.List(pl.Struct({"key": pl.String, "value": pl.String})),
    "_file": pl.String,
    "_reject": pl.String,
}


class Filing(NamedTuple):
    """One 8-K; days and times as EDGAR writes them."""

    accession: str
    form: str
    items: tuple[str, ...]
    filed: str
    reported: str
    accepted: str


def cik_of(written: Any) -> Any:
    """A Central Index Key in its ten digits; what is neither text nor number stays as it is."""
    return str(written).removeprefix("CIK").zfill(10) if isinstance(written, int | str) else written


def answer_of(body: bytes, cik: str) -> dict[str, Any]:
    """The answer about an entity. ValueError when it is none, or about another one."""
    answer = json_of(body)
    if not isinstance(answer, dict) or not isinstance(answer.get("filings"), dict | None):
        raise ValueError("expected an object with `filings`")
    if not isinstance(recent_of(answer), dict):
        raise ValueError("expected an object as `filings.recent`")
    if cik_of(answer.get("cik")) != cik:
        raise ValueError(f"expected the company {cik}, found {answer.get('cik')!r}")
    if not _text(answer, "name"):
        raise ValueError("the company has no name")
    return answer


def kind_of(answer: Mapping[str, Any]) -> str:
    """operating, investment or other as the SEC says it, or what it rather is: a fund or a person.

    A person reports shares that they own, issues none, and has no number as an employer. Where the
    SEC doesn't say it, whoever has an industry or a ticker operates.
    """
    operates = _text(answer, "sic") or texts_of(answer.get("tickers"))
    kind = _text(answer, "entityType") or ("operating" if operates else "other")
    is_owner = answer.get("insiderTransactionForOwnerExists")
    is_issuer = answer.get("insiderTransactionForIssuerExists")
    has_number = (_text(answer, "ein") or "").strip("0")
    if kind == "other" and is_owner and not is_issuer and not has_number:
        return "person"
    is_fund = _text(answer, "sic") in FUND_SICS or not FUND_REPORTS.isdisjoint(
        texts_of(recent_of(answer).get("form"))
    )
    return "investment" if is_fund else kind


def company_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The entity as a row of COMPANY; `place` is EDGAR's code of its state or country."""
    address = _address(answer)
    lines = (_text(address, "street1"), _text(address, "street2"))
    tickers = texts_of(answer.get("tickers"))
    return {
        "source_company_id": cik_of(answer.get("cik")),
        "name": _text(answer, "name"),
        "aliases": [name for name, _ in _former_names(answer)],
        "website": _text(answer, "website"),
        "place": _text(address, "stateOrCountry") or _text(address, "countryCode"),
        "country": _text(address, "country") or _text(address, "stateOrCountryDescription"),
        "region": _text(address, "foreignStateTerritory"),
        "city": _text(address, "city"),
        "postal_code": (_text(address, "zipCode") or "").rstrip("-"),
        "street": ", ".join(filter(None, lines)),
        "phone": _text(answer, "phone"),
        "industry": _text(answer, "sicDescription"),
        "industry_code": _text(answer, "sic"),
        "ownership": "public" if tickers else None,
        "lei": _text(answer, "lei"),
        "attributes": [
            {"key": key, "value": value} for key, value in _attributes(answer).items() if value
        ],
    }


def _attributes(answer: Mapping[str, Any]) -> dict[str, str | None]:
    ends = re.fullmatch(r"(\d\d)(\d\d)", _text(answer, "fiscalYearEnd") or "")
    return {
        "tickers": "; ".join(texts_of(answer.get("tickers"))),
        "exchange": "; ".join(dict.fromkeys(texts_of(answer.get("exchanges")))),
        "filer_category": (_text(answer, "category") or "").replace("<br>", "; "),
        "fiscal_year_end": f"{ends[1]}-{ends[2]}" if ends else None,
        "renamed_date": max((until for _, until in _former_names(answer)), default=None),
        "state_of_incorporation": _text(answer, "stateOfIncorporationDescription")
        or _text(answer, "stateOfIncorporation"),
    }


def _address(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where it does business, else where its post goes."""
    addresses = answer.get("addresses")
    known = addresses if isinstance(addresses, dict) else {}
    given = objects_of([known.get("business"), known.get("mailing")])
    return next((one for one in given if _text(one, "city") or _text(one, "street1")), {})


def _former_names(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each with its last day, "" where unknown, but those that are the present name."""
    entries = objects_of(answer.get("formerNames"))
    names = [(_text(entry, "name"), (_text(entry, "to") or "")[:10]) for entry in entries]
    present = _letters(_text(answer, "name"))
    return [
        (name, until if DAY.fullmatch(until) else "")
        for name, until in names
        if name and _letters(name) != present
    ]


def _letters(name: str | None) -> str:
    return "".join(sign for sign in (name or "").casefold() if sign.isalnum())


def pages_of(answer: Mapping[str, Any], since: str) -> list[str]:
    """The further pages that may hold filings since that day, by the names that EDGAR gives."""
    entries = objects_of((answer.get("filings") or {}).get("files"))
    # A page without a last day may hold anything: "?" sorts after every day.
    recent = [entry for entry in entries if str(entry.get("filingTo") or "?") >= since]
    pages = [PAGE.fullmatch(_text(entry, "name") or "") for entry in recent]
    own = cik_of(answer.get("cik"))
    return list(dict.fromkeys(page[0] for page in pages if page and page[1] == own))


def eight_ks(page: Any) -> Iterator[Filing]:
    """The 8-Ks of a page, which has a list per column. ValueError when they don't fit together."""
    if not isinstance(page, dict) or (page and COLUMNS[0] not in page):
        raise ValueError("expected an object with a list per column")
    forms = page.get("form")
    nothing = [None] * (len(forms) if isinstance(forms, list) else 0)
    lists = [page.get(name) or (nothing if name in OPTIONAL else []) for name in COLUMNS]
    if not all(isinstance(column, list) for column in lists) or len({*map(len, lists)}) > 1:
        found = ", ".join(f"{name} {_length(page.get(name))}" for name in COLUMNS)
        raise ValueError(f"expected lists of one length, found {found}")
    for accession, form, items, filed, reported, accepted in zip(*lists, strict=True):
        if str(form).startswith("8-K"):
            parts = tuple(part.strip() for part in str(items or "").split(",") if part.strip())
            days = (str(filed or ""), str(reported or ""), str(accepted or ""))
            yield Filing(str(accession), form, parts, *days)


def _length(column: Any) -> str:
    return str(len(column)) if isinstance(column, list) else "none"


def recent_of(answer: Mapping[str, Any]) -> Any:
    """Its first page of filings."""
    return (answer.get("filings") or {}).get("recent") or {}


def _text(record: Mapping[str, Any], name: str) -> str | None:
    """Text that says something: EDGAR leaves out, leaves empty and writes None."""
    value = record.get(name)
    text = str(value).strip() if isinstance(value, str | int) else ""
    return None if text.casefold() in ("", "none") else text
