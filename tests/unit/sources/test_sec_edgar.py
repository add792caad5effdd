"""EDGAR: entities as companies, 8-K items as events, and what is asked of the SEC for them."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest.eight_k import ITEMS
from ingest.errors import DocumentError, SourceNotFound, SourceRejected
from ingest.settings import PROJECT
from tests.support.landing import tree
from tests.support.sources import Landed, fetched

AGENT = "Acme Sample sales@acme-sample.com"
CIK = "0000001234"
WEEK = date(2026, 11, 2)
NAMES = ("accessionNumber", "form", "items", "filingDate", "reportDate", "acceptanceDateTime")
Filing = tuple[str, str, str, str, str, str]
SIGNED: Filing = (
    "0000001234-26-000007",
    "8-K",
    "1.01,9.01",
    "2026-10-20",
    "2026-10-19",
    "2026-10-20T20:30:05.000Z",
)


def columns(*filings: Filing, **more: list[Any]) -> dict[str, list[Any]]:
    """Filings as EDGAR gives them: a list per column."""
    return {name: [f[at] for f in filings] for at, name in enumerate(NAMES)} | more


def entity(cik: str = CIK, *filings: Filing, **fields: Any) -> dict[str, Any]:
    """A made-up entity in the shape of EDGAR's answers."""
    address = {
        "street1": "1 SAMPLE WAY",
        "street2": None,
        "city": "SPRINGFIELD",
        "stateOrCountry": "IL",
        "zipCode": "62701-",
        "stateOrCountryDescription": "IL",
        "country": None,
        "countryCode": None,
        "foreignStateTerritory": None,
    }
    return {
        "cik": cik,
        "entityType": "operating",
        "sic": "3531",
        "sicDescription": "Construction Machinery & Equip",
        "insiderTransactionForOwnerExists": 0,
        "insiderTransactionForIssuerExists": 1,
        "name": "Acme Sample Inc.",
        "tickers": ["ACME", "ACME-PA"],
        "exchanges": ["NYSE", "NYSE"],
        "ein": "123456789",
        "website": "",
        "category": "Non-accelerated filer<br>Smaller reporting company",
        "fiscalYearEnd": "0926",
        "stateOfIncorporation": "DE",
        "stateOfIncorporationDescription": "DE",
        "addresses": {"mailing": address, "business": address},
        "phone": "555 0100",
        "formerNames": [],
        "filings": {"recent": columns(*filings), "files": []},
        **fields,
    }


def serve(server: HTTPServer, *entities: dict[str, Any]) -> None:
    """Answers about these entities, each as often as it is asked for."""
    for one in entities:
        path = f"/submissions/CIK{int(one['cik']):010}.json"
        server.expect_request(path, headers={"User-Agent": AGENT}).respond_with_json(one)


def source(server: HTTPServer, *more: str, ciks: Iterable[str] = (CIK,)) -> str:
    """The entry of sources.yml."""
    address = server.url_for("").rstrip("/")
    listed = f"ciks: [{', '.join(ciks)}]" if ciks else ""
    urls = (f"sec_url: {address}", f"data_url: {address}")
    return "\n".join(["connector: sec_edgar", f"user_agent: {AGENT}", *urls, listed, *more])


def companies(landed: dict[str, Landed]) -> list[dict[str, Any]]:
    """Its companies as records, what is not known left out."""
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in landed["companies"].rows.to_dicts()
    ]


def events(landed: dict[str, Landed]) -> list[tuple[str, str]]:
    """Its signals: form and item as the title tells them, and the topic."""
    rows = landed["signals"].rows.sort("known_at", "source_signal_id").to_dicts()
    return [(row["title"].rpartition("(")[2].rstrip(")"), row["topic"]) for row in rows]


def test_an_entity_is_a_company(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Name, industry, address, tickers; who asks is declared with every request."""
    serve(httpserver, entity())

    (company,) = companies(fetched(tmp_path, source(httpserver)))

    attributes = {entry["key"]: entry["value"] for entry in company.pop("attributes")}
    assert {key: company[key] for key in company if key not in ("batch_id", "observed_at")} == {
        "source": "vendor",
        "source_company_id": CIK,
        "cik": CIK,
        "name": "Acme Sample Inc.",
        "country": "US",
        "region": "IL",
        "city": "SPRINGFIELD",
        "postal_code": "62701",
        "street": "1 SAMPLE WAY",
        "phone": "555 0100",
        "industry": "Construction Machinery & Equip",
        "industry_code": "3531",
        "industry_system": "sic",
        "ownership": "public",
    }
    assert attributes == {
        "tickers": "ACME; ACME-PA",
        "exchange": "NYSE",
        "filer_category": "Non-accelerated filer; Smaller reporting company",
        "fiscal_year_end": "09-26",
        "state_of_incorporation": "DE",
    }


def test_former_names_are_aliases(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Those that only spell the present one are none; the last real change has its day."""
    former = [
        {"name": "ACME SAMPLE INC", "from": "2018-01-31T05:00:00.000Z", "to": "2026-06-26T04:00Z"},
        {"name": "Bolt Sample Corp", "from": "1994-02-14T05:00:00.000Z", "to": "2018-01-30T05:00Z"},
        {"name": "Bolt Sample", "from": None, "to": None},
    ]
    serve(httpserver, entity(formerNames=former))

    (company,) = companies(fetched(tmp_path, source(httpserver)))

    assert company["aliases"] == ["Bolt Sample Corp", "Bolt Sample"]
    assert {"key": "renamed_date", "value": "2018-01-30"} in company["attributes"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ({"stateOrCountry": "X0", "stateOrCountryDescription": "United Kingdom"}, ("GB", None)),
        ({"stateOrCountry": "A8", "stateOrCountryDescription": "Quebec, Canada"}, ("CA", "QC")),
        ({"stateOrCountry": "PR", "stateOrCountryDescription": "PR"}, ("PR", None)),
        ({"stateOrCountry": None, "country": "Germany", "countryCode": "2M"}, ("DE", None)),
        (
            {"stateOrCountry": "K7", "foreignStateTerritory": "Karnataka"},
            ("IN", "Karnataka"),
        ),
        ({"stateOrCountry": "ZZ", "stateOrCountryDescription": "Ruritania"}, (None, None)),
    ],
)
def test_places_are_countries_and_regions(
    httpserver: HTTPServer,
    tmp_path: Path,
    address: dict[str, Any],
    expected: tuple[str | None, str | None],
) -> None:
    """EDGAR has codes of its own; one that nobody knows is no country."""
    serve(httpserver, entity(addresses={"business": {"city": "Sampleton", **address}}))

    (company,) = companies(fetched(tmp_path, source(httpserver)))

    assert (company.get("country"), company.get("region")) == expected


def test_an_entity_with_next_to_nothing_lands(httpserver: HTTPServer, tmp_path: Path) -> None:
    """No ticker, no address, no filing: older and smaller entities are like that."""
    bare = {"cik": 1234, "entityType": "operating", "name": "Acme Sample", "filings": {}}
    serve(httpserver, bare)

    landed = fetched(tmp_path, source(httpserver))

    (company,) = companies(landed)
    assert (company["name"], company["cik"], "ownership" in company) == ("Acme Sample", CIK, False)
    assert (landed["companies"].batch.rejects, landed["signals"].batch.rows) == (0, 0)


def test_each_item_of_an_8_k_is_an_event(httpserver: HTTPServer, tmp_path: Path) -> None:
    """In plain words, known from the time of acceptance; exhibits and other forms are none."""
    annual = ("0000001234-26-000001", "10-K", "", "2026-02-01", "2025-12-31", "")
    serve(httpserver, entity(CIK, SIGNED, annual))

    landed = fetched(tmp_path, source(httpserver))["signals"]

    (event,) = landed.rows.to_dicts()
    assert event["source_signal_id"] == f"0000001234-26-000007/1.01/{CIK}"
    assert (event["source_company_id"], event["cik"], event["kind"]) == (CIK, CIK, "filing")
    assert event["topic"] == "material agreement signed"
    assert event["title"] == "Material agreement signed (8-K item 1.01)"
    assert event["text"] == "Entry into a material definitive agreement"
    assert event["occurred_at"] == datetime(2026, 10, 19, tzinfo=UTC)
    assert event["known_at"] == datetime(2026, 10, 20, 20, 30, 5, tzinfo=UTC)
    assert event["url"] == (
        "https://www.sec.gov/Archives/edgar/data/1234/000000123426000007/"
        "0000001234-26-000007-index.htm"
    )


def test_what_is_not_told_is_put_late_and_not_early(httpserver: HTTPServer, tmp_path: Path) -> None:
    """No time of acceptance: the end of the day in New York; no day of the event: the filing's."""
    bare = ("0000001234-26-000007", "8-K", "5.02", "2026-10-20", "", "")
    wrong = ("0000001234-26-000008", "8-K", "5.02", "2026-10-21", "2206-10-01", "soon")
    serve(httpserver, entity(CIK, bare, wrong))

    rows = fetched(tmp_path, source(httpserver))["signals"].rows.sort("known_at")

    assert rows["known_at"].to_list() == [
        datetime(2026, 10, 21, 4, tzinfo=UTC),
        datetime(2026, 10, 22, 4, tzinfo=UTC),
    ]
    assert rows["occurred_at"].to_list() == [
        datetime(2026, 10, 20, tzinfo=UTC),
        datetime(2026, 10, 21, tzinfo=UTC),
    ]


def filed(number: int, form: str, items: str, day: str, event: str) -> Filing:
    """A filing accepted in the evening of its day."""
    return (f"0000001234-26-{number:06}", form, items, day, event, f"{day}T20:30:00.000Z")


def test_an_amendment_is_news_only_where_its_event_is(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """One of the same item and day adds nothing; another item, another day or no day does."""
    serve(
        httpserver,
        entity(
            CIK,
            filed(5, "8-K/A", "5.02,2.05", "2026-10-09", "2026-10-01"),
            filed(4, "8-K/A", "2.05", "2026-10-08", "2026-10-01"),
            filed(3, "8-K/A", "5.02", "2026-10-07", "2026-09-01"),
            filed(2, "8-K/A", "5.02", "2026-10-06", ""),
            filed(1, "8-K", "5.02", "2026-10-05", "2026-10-01"),
        ),
    )

    told = events(fetched(tmp_path, source(httpserver)))

    assert told == [
        ("8-K item 5.02", "executive or director change"),
        ("8-K/A item 5.02", "executive or director change"),
        ("8-K/A item 5.02", "executive or director change"),
        ("8-K/A item 2.05", "restructuring costs"),
    ]


def test_an_amendment_of_an_event_before_the_window_is_no_event_in_it(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Else the event would come again a year later."""
    serve(
        httpserver,
        entity(
            CIK,
            filed(2, "8-K/A", "2.01", "2026-10-05", "2025-06-01"),
            filed(1, "8-K", "2.01", "2025-06-03", "2025-06-01"),
        ),
    )

    assert events(fetched(tmp_path, source(httpserver))) == []


def test_successors_and_unknown_items_are_events_too(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """An item that the SEC adds one day is counted, not lost; a filing of two firms is two."""
    one = ("0000001234-26-000007", "8-K12B", " 3.03, 1.07 ", "2026-10-20", "2026-10-19", "")
    serve(httpserver, entity(CIK, one), entity("0000005678", one, name="Beta Sample"))

    landed = fetched(tmp_path, source(httpserver, ciks=[CIK, "5678"]))

    assert sorted(set(events(landed))) == [
        ("8-K12B item 1.07", "another kind of event"),
        ("8-K12B item 3.03", "shareholder rights changed"),
    ]
    assert (landed["signals"].batch.rows, landed["signals"].batch.unconverted) == (4, 2)


def test_only_the_window_lands_and_only_its_pages_are_asked_for(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Older pages aren't fetched; one that tells no days is; a file of another name never.

    A page that is listed twice is asked for once, and a filing on two pages is one.
    """
    late, early = (
        filed(1, "8-K", "1.01", "2026-07-01", ""),
        filed(2, "8-K", "1.01", "2026-06-30", ""),
    )
    undated = filed(3, "8-K", "1.03", "2026-08-01", "")
    pages = [
        {"name": f"CIK{CIK}-submissions-001.json", "filingTo": "2026-08-02"},
        {"name": f"CIK{CIK}-submissions-002.json"},
        {"name": f"CIK{CIK}-submissions-001.json", "filingTo": "2026-08-02"},
        {"name": f"CIK{CIK}-submissions-003.json", "filingTo": "2026-06-30"},
        {"name": "../../secret.json", "filingTo": "2026-09-01"},
        {"name": "CIK0000009999-submissions-001.json", "filingTo": "2026-09-01"},
    ]
    serve(httpserver, entity(CIK, filings={"recent": columns(SIGNED), "files": pages}))
    for page, filings in (("001", (SIGNED, late, early)), ("002", (undated,))):
        httpserver.expect_request(
            f"/submissions/CIK{CIK}-submissions-{page}.json"
        ).respond_with_json(columns(*filings))

    landed = fetched(tmp_path, source(httpserver, "since_days: 124"))

    assert [topic for _, topic in events(landed)] == [
        "material agreement signed",
        "bankruptcy",
        "material agreement signed",
    ]
    assert [request.path for request, _ in httpserver.log] == [
        f"/submissions/CIK{CIK}.json",
        f"/submissions/CIK{CIK}-submissions-001.json",
        f"/submissions/CIK{CIK}-submissions-002.json",
    ]
    assert landed["signals"].batch.rejects == 0


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (404, "", "answered 404"),
        (200, '{"error": "quota"}', "expected an object with a list per column"),
    ],
)
def test_a_page_that_cannot_be_read_costs_its_own_filings(
    httpserver: HTTPServer, tmp_path: Path, status: int, answer: str, reason: str
) -> None:
    """The company lands, with what its other pages tell."""
    pages = [{"name": f"CIK{CIK}-submissions-001.json", "filingTo": "2026-10-02"}]
    serve(httpserver, entity(CIK, filings={"recent": columns(SIGNED), "files": pages}))
    httpserver.expect_request(f"/submissions/CIK{CIK}-submissions-001.json").respond_with_data(
        answer, status=status
    )

    landed = fetched(tmp_path, source(httpserver))

    assert (landed["companies"].batch.rows, landed["signals"].batch.rows) == (1, 1)
    assert landed["signals"].rejects["file"].to_list() == [f"CIK{CIK}-submissions-001.json"]
    assert reason in landed["signals"].rejects["reason"][0]


def test_columns_that_do_not_fit_together_are_not_read(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Half a column read by position would give items to the wrong filings."""
    short = columns(SIGNED, SIGNED) | {"items": ["1.01"]}
    serve(httpserver, entity(CIK, filings={"recent": short, "files": []}))

    landed = fetched(tmp_path, source(httpserver))

    assert landed["companies"].batch.rows == 1
    assert landed["signals"].rejects["reason"].to_list() == [
        "expected lists of one length, found accessionNumber 2, form 2, items 1, filingDate 2, "
        "reportDate 2, acceptanceDateTime 2"
    ]


@pytest.mark.parametrize("left_out", ["reportDate", "acceptanceDateTime"])
def test_a_column_that_makes_a_filing_more_exact_may_be_missing(
    httpserver: HTTPServer, tmp_path: Path, left_out: str
) -> None:
    """The day of filing stands for both."""
    recent = {name: column for name, column in columns(SIGNED).items() if name != left_out}
    serve(httpserver, entity(CIK, filings={"recent": recent, "files": []}))

    landed = fetched(tmp_path, source(httpserver))["signals"]

    (signal,) = landed.rows.to_dicts()
    assert landed.batch.rejects == 0
    assert (signal["occurred_at"].day, signal["known_at"].day) == {
        "reportDate": (20, 20),
        "acceptanceDateTime": (19, 21),
    }[left_out]


@pytest.mark.parametrize("nothing", [None, "left out"])
@pytest.mark.parametrize("name", sorted(set(entity()) - {"cik", "name", "filings"}))
def test_an_entity_lands_whatever_it_lacks(
    httpserver: HTTPServer, tmp_path: Path, name: str, nothing: str | None
) -> None:
    """EDGAR leaves out and leaves empty what it doesn't know, the kind of entity too."""
    lacking = entity(CIK, SIGNED) | {name: None}
    if nothing:
        del lacking[name]
    serve(httpserver, lacking)

    landed = fetched(tmp_path, source(httpserver))

    assert [(table.batch.rows, table.batch.rejects) for table in landed.values()] == [(1, 0)] * 2


def test_a_filing_without_a_number_is_set_aside(httpserver: HTTPServer, tmp_path: Path) -> None:
    """It could neither be told from others nor be read anywhere."""
    serve(httpserver, entity(CIK, ("26-7", *SIGNED[1:]), filed(1, "8-K", "5.02", "2026-10-01", "")))

    landed = fetched(tmp_path, source(httpserver))["signals"]

    assert landed.batch.rows == 1
    assert landed.rejects["reason"].to_list() == ["expected an accession number, found 26-7"]


PERSON = {
    "entityType": "other",
    "name": "SAMPLE PERSON MADE UP",
    "sic": "",
    "ein": "000000000",
    "insiderTransactionForOwnerExists": 1,
    "insiderTransactionForIssuerExists": 0,
}
FUNDS = {
    "by type": {"entityType": "investment"},
    "by industry": {"sic": "6726"},
    "by reports": {"filings": {"recent": columns(filed(1, "NPORT-P", "", "2026-10-01", ""))}},
}


@pytest.mark.parametrize("fund", FUNDS.values(), ids=FUNDS)
def test_funds_land_only_where_asked_for(
    httpserver: HTTPServer, tmp_path: Path, fund: dict[str, Any]
) -> None:
    """Whether the SEC calls them so or they only report like one."""
    serve(httpserver, entity(), entity("0000005678", name="Sample Fund", **fund))

    usual = fetched(tmp_path / "usual", source(httpserver, ciks=[CIK, "5678"]))
    funds = fetched(
        tmp_path / "funds", source(httpserver, "include: [investment]", ciks=[CIK, "5678"])
    )

    assert [row["name"] for row in companies(usual)] == ["Acme Sample Inc."]
    assert [row["name"] for row in companies(funds)] == ["Sample Fund"]
    assert usual["companies"].batch.rejects == 0


def test_people_never_land_as_companies(httpserver: HTTPServer, tmp_path: Path) -> None:
    """They have a CIK as owners of shares; a firm that owns shares has a number as an employer."""
    serve(
        httpserver,
        entity("11", **PERSON),
        entity("12", **PERSON | {"name": "Private Sample LLC", "ein": "123456789"}),
        entity("13", entityType="other", name="Other Sample LLC", tickers=[]),
    )
    every = source(httpserver, "include: [operating, other]", ciks=["11", "12", "13"])

    landed = companies(fetched(tmp_path, every))

    assert [row["name"] for row in landed] == ["Private Sample LLC", "Other Sample LLC"]


def test_all_listed_companies_by_their_exchange(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A company with two shares is asked for once; the columns are found by their names."""
    listed = {
        "fields": ["name", "exchange", "ticker", "cik"],
        "data": [
            ["Acme Sample Inc.", "NYSE", "ACME", 1234],
            ["Acme Sample Inc.", "NYSE", "ACME-PA", 1234],
            ["Beta Sample", "Nasdaq", "BETA", 5678],
            ["Gamma Sample", None, "GAMM", 9],
        ],
    }
    httpserver.expect_request("/files/company_tickers_exchange.json").respond_with_json(listed)
    serve(httpserver, entity(), entity("0000005678"), entity("9"))
    every = source(httpserver, "tickers_exchange: true", ciks=())

    landed = fetched(tmp_path / "all", every)
    some = fetched(tmp_path / "some", f"{every}\nexchanges: [nyse]")

    assert [row["cik"] for row in companies(landed)] == ["0000000009", CIK, "0000005678"]
    assert [row["cik"] for row in companies(some)] == [CIK]
    assert len(httpserver.log) == 2 + 3 + 1


@pytest.mark.parametrize(
    "answer", [{"fields": ["cik"], "data": []}, {"0": {"cik_str": 1}}, [], {"fields": 1}]
)
def test_a_list_of_companies_in_another_shape_is_refused(
    httpserver: HTTPServer, tmp_path: Path, answer: Any
) -> None:
    """No company at all would pass for a market that has gone."""
    httpserver.expect_request("/files/company_tickers_exchange.json").respond_with_json(answer)

    with pytest.raises(SourceRejected, match="expected `fields` with cik and exchange"):
        fetched(tmp_path, source(httpserver, "tickers_exchange: true", ciks=()))


def test_an_exchange_that_nobody_is_listed_on_is_said(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """A slip of the pen must not empty the table."""
    listed = {"fields": ["cik", "exchange"], "data": [[1234, "NYSE"]]}
    httpserver.expect_request("/files/company_tickers_exchange.json").respond_with_json(listed)
    source_ = source(httpserver, "tickers_exchange: true", "exchanges: [NYES]", ciks=())

    with pytest.raises(SourceRejected, match="found no company to read; check `exchanges`"):
        fetched(tmp_path, source_)


def broken(kind: str) -> Response | dict[str, Any]:
    """An answer that can't be a company."""
    return {
        "gone": Response(status=404),
        "half": Response('{"cik": "9", "name', content_type="application/json"),
        "another": entity("77"),
        "nameless": entity("9", name=" "),
        "a list": Response("[]", content_type="application/json"),
        "NaN": Response('{"cik": NaN}', content_type="application/json"),
        "nested": Response("[" * 100_000, content_type="application/json"),
        "an error": Response('{"error": "quota"}', content_type="application/json"),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("gone", "answered 404: not there"),
        ("half", "Unterminated string"),
        ("another", "expected the company 0000000009, found '77'"),
        ("nameless", "the company has no name"),
        ("a list", "expected an object with `filings`"),
        ("NaN", "NaN is no JSON number"),
        ("nested", "nested too deeply"),
        ("an error", "expected the company 0000000009, found None"),
    ],
)
def test_a_company_that_cannot_be_read_is_recorded_and_the_rest_goes_on(
    httpserver: HTTPServer, tmp_path: Path, kind: str, said: str
) -> None:
    """What is wrong with one answer is a fact about that company."""
    serve(httpserver, entity(), entity("5678"))
    answer = broken(kind)
    handler = httpserver.expect_request("/submissions/CIK0000000009.json")
    if isinstance(answer, Response):
        handler.respond_with_response(answer)
    else:
        handler.respond_with_json(answer)

    landed = fetched(tmp_path, source(httpserver, ciks=[CIK, "9", "5678"]))["companies"]

    assert landed.batch.rows == 2
    assert landed.rejects["file"].to_list() == ["CIK0000000009.json"]
    assert said in landed.rejects["reason"][0]


def test_when_most_companies_fail_the_source_fails(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Then it is the addresses or the options, and the last good batch stays."""
    serve(httpserver, entity())
    httpserver.expect_request("/submissions/CIK0000000009.json").respond_with_data(status=404)
    httpserver.expect_request("/submissions/CIK0000000010.json").respond_with_data(status=404)

    with pytest.raises(SourceRejected, match=r"2 of 3 companies failed; .*10\.json answered 404"):
        fetched(tmp_path, source(httpserver, ciks=[CIK, "9", "10"]))


def test_a_refusal_names_who_asks_and_ends_the_asking(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """The SEC answers 403 to whom it doesn't know or who asks too much: to go on makes it worse."""
    httpserver.expect_request(f"/submissions/CIK{CIK}.json").respond_with_data(
        "<html>Undeclared Automated Tool</html>", status=403, content_type="text/html"
    )

    with pytest.raises(SourceRejected, match="answered 403; check `user_agent` of vendor"):
        fetched(tmp_path, source(httpserver, ciks=[CIK, "9", "10"]))

    assert len(httpserver.log) == 1


@pytest.mark.parametrize("agent", ["", "Acme Sample", "sales@acme", "Acme\\nHost: x a@b.com"])
def test_who_asks_must_be_said(httpserver: HTTPServer, tmp_path: Path, agent: str) -> None:
    """A company and an e-mail address, in one line, before anything is asked."""
    with pytest.raises(DocumentError, match="a company and an e-mail address"):
        fetched(tmp_path, source(httpserver).replace(AGENT, f'"{agent}"'))

    assert httpserver.log == []


@pytest.mark.parametrize("options", ["", "exchanges: [NYSE]\nciks: [1]", "ciks: [12345678901]"])
def test_what_is_asked_for_must_be_said(
    httpserver: HTTPServer, tmp_path: Path, options: str
) -> None:
    """An entry that names no company, or a number that is none, is a mistake of the document."""
    with pytest.raises(DocumentError):
        fetched(tmp_path, f"{source(httpserver, ciks=())}\n{options}")


# The bulk archive


def bulk(path: Path, members: dict[str, bytes | dict[str, Any]]) -> Path:
    """An archive as the SEC makes it each night."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            text = content if isinstance(content, bytes) else json.dumps(content).encode()
            archive.writestr(name, text)
    return path


def test_the_bulk_archive_gives_the_same_as_asking(httpserver: HTTPServer, tmp_path: Path) -> None:
    """By path or address, pages included, without any further request."""
    pages = [{"name": f"CIK{CIK}-submissions-001.json", "filingTo": "2026-10-02"}]
    whole = entity(CIK, filings={"recent": columns(SIGNED), "files": pages})
    page = columns(filed(1, "8-K", "5.02", "2026-10-01", ""))
    serve(httpserver, whole)
    httpserver.expect_request(f"/submissions/{pages[0]['name']}").respond_with_json(page)
    asked = fetched(tmp_path / "api", source(httpserver))
    httpserver.clear()
    path = bulk(
        tmp_path / "submissions.zip",
        {f"CIK{CIK}.json": whole, pages[0]["name"]: page, "placeholder.txt": b""},
    )
    httpserver.expect_request("/submissions.zip").respond_with_data(
        path.read_bytes(), content_type="application/zip"
    )
    address = httpserver.url_for("/submissions.zip")

    by_path = fetched(tmp_path / "path", source(httpserver, f"submissions_zip: {path}", ciks=()))
    by_address = fetched(
        tmp_path / "url", source(httpserver, f"submissions_zip: {address}", ciks=())
    )

    for landed in (by_path, by_address):
        for table in ("companies", "signals"):
            assert landed[table].batch.content_hash == asked[table].batch.content_hash
    assert asked["signals"].batch.rows == 2
    assert [request.path for request, _ in httpserver.log] == ["/submissions.zip"]


def test_of_the_bulk_archive_only_what_is_asked_for_is_read(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """One that isn't in it is recorded; a name that leads elsewhere is no member."""
    path = bulk(
        tmp_path / "submissions.zip",
        {
            f"CIK{CIK}.json": entity(),
            "CIK0000005678.json": entity("5678"),
            "../CIK0000000007.json": entity("7"),
        },
    )

    some = fetched(
        tmp_path / "some",
        source(httpserver, f"submissions_zip: {path}", ciks=[CIK, "5678", "7"]),
    )
    every = fetched(tmp_path / "every", source(httpserver, f"submissions_zip: {path}", ciks=()))

    assert [row["cik"] for row in companies(some)] == [CIK, "0000005678"]
    assert some["companies"].rejects["reason"].to_list() == ["is not in the archive"]
    assert [row["cik"] for row in companies(every)] == [CIK, "0000005678"]
    assert not (tmp_path.parent / "CIK0000000007.json").exists()


def test_a_member_that_is_a_bomb_or_broken_is_set_aside(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """What unpacks without end stops at the cap, and the others land."""
    path = bulk(
        tmp_path / "submissions.zip",
        {
            f"CIK{CIK}.json": entity(),
            "CIK0000005678.json": entity("5678"),
            "CIK0000000007.json": b" " * (65 * 2**20),
        },
    )

    landed = fetched(tmp_path, source(httpserver, f"submissions_zip: {path}", ciks=()))["companies"]

    assert landed.batch.rows == 2
    assert landed.rejects["reason"].to_list() == [
        "unpacks to more than the cap of 67,108,864 bytes"
    ]


def test_an_archive_that_is_not_there_is_said(httpserver: HTTPServer, tmp_path: Path) -> None:
    """With the place where it was looked for."""
    with pytest.raises(SourceNotFound, match=r"no file matches .*submissions\.zip; put one there"):
        fetched(tmp_path, source(httpserver, "submissions_zip: submissions.zip", ciks=()))


def test_half_an_archive_is_refused(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Nothing of a file that is still being written lands."""
    path = bulk(tmp_path / "submissions.zip", {f"CIK{CIK}.json": entity()})
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(SourceRejected, match=r"submissions\.zip is not a whole zip archive"):
        fetched(tmp_path, source(httpserver, f"submissions_zip: {path}", ciks=()))


# Again and again


def landing(folder: Path) -> dict[str, bytes]:
    """What lies in the landing folder, but for when it was fetched."""
    return {name: data for name, data in tree(folder / "landing").items() if "manifest" not in name}


def test_the_same_answers_again_change_nothing(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The same rows are the same batch, however often they come."""
    serve(httpserver, entity(CIK, SIGNED))
    fetched(tmp_path, source(httpserver))
    before = landing(tmp_path)

    fetched(tmp_path, source(httpserver))

    assert landing(tmp_path) == before


def test_a_filing_from_the_future_holds_nothing_back(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """What is asked for is counted from the week, never from what has come before."""
    future = filed(9, "8-K", "1.03", "2099-01-01", "2099-01-01")
    serve(httpserver, entity(CIK, future))
    fetched(tmp_path, source(httpserver))
    httpserver.clear()
    serve(httpserver, entity(CIK, future, SIGNED))

    told = events(fetched(tmp_path, source(httpserver)))

    assert told == [
        ("8-K item 1.01", "material agreement signed"),
        ("8-K item 1.03", "bankruptcy"),
    ]


def after(times: int, answer: Callable[[], Response], fine: dict[str, Any]) -> Callable[..., Any]:
    """A handler that gives another answer so many times before the right one."""
    given = [0]

    def handle(_: Request) -> Response:
        given[0] += 1
        if given[0] <= times:
            return answer()
        return Response(json.dumps(fine), content_type="application/json")

    return handle


def cut() -> Response:
    """An answer that promises more than it gives."""
    whole = json.dumps(entity("5678"))
    return Response(
        iter([whole[:100]]),
        headers={"Content-Length": str(len(whole))},
        content_type="application/json",
    )


@pytest.mark.parametrize("trouble", [cut, lambda: Response(status=503)], ids=["cut", "busy"])
def test_a_read_that_breaks_off_goes_on_without_loss(
    httpserver: HTTPServer, tmp_path: Path, trouble: Callable[[], Response]
) -> None:
    """The second company's answer fails once: all land, each once."""
    serve(httpserver, entity(CIK, SIGNED), entity("9"))
    httpserver.expect_request("/submissions/CIK0000005678.json").respond_with_handler(
        after(1, trouble, entity("5678"))
    )

    landed = fetched(tmp_path, source(httpserver, ciks=[CIK, "5678", "9"]))

    assert [row["cik"] for row in companies(landed)] == ["0000000009", CIK, "0000005678"]
    assert (len(httpserver.log), landed["companies"].batch.rejects) == (4, 0)


def test_a_run_that_dies_half_way_is_begun_again_from_nothing(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Nothing of it lands; the next gives what an undisturbed one would have."""
    serve(httpserver, entity(CIK, SIGNED))
    undisturbed = fetched(tmp_path / "undisturbed", source(httpserver))
    httpserver.expect_request("/submissions/CIK0000005678.json").respond_with_data(status=401)

    with pytest.raises(SourceRejected, match="answered 401"):
        fetched(tmp_path / "again", source(httpserver, ciks=[CIK, "5678"]))
    half_way = landing(tmp_path / "again")
    again = fetched(tmp_path / "again", source(httpserver))

    assert half_way == {}
    for table in ("companies", "signals"):
        assert again[table].batch.batch_id == undisturbed[table].batch.batch_id


def test_the_example_of_its_page_runs(httpserver: HTTPServer, tmp_path: Path) -> None:
    """As it is copied, but for where it asks."""
    page = (PROJECT / "docs" / "sources" / "sec_edgar.md").read_text(encoding="utf-8")
    block = page.partition("```yaml\nsources:\n  edgar:\n")[2].partition("```")[0]
    serve(httpserver, entity(CIK, SIGNED))
    address = httpserver.url_for("").rstrip("/")

    landed = fetched(tmp_path, f"{dedent(block)}data_url: {address}")

    assert (landed["companies"].batch.rows, landed["signals"].batch.rows) == (1, 1)


def test_its_page_tells_every_topic() -> None:
    """They are what a perfect customer's evidence names."""
    page = (PROJECT / "docs" / "sources" / "sec_edgar.md").read_text(encoding="utf-8")

    assert [topic for topic, _ in ITEMS.values() if f"`{topic}`" not in page] == []


# How often is asked


@pytest.mark.usefixtures("at_its_rate")
def test_its_hosts_are_asked_at_one_rate(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The list comes from one host and the companies from another: in no second more than ten."""
    times: list[float] = []

    def company(request: Request) -> Response:
        times.append(time.monotonic())
        cik = request.path.removeprefix("/submissions/CIK").removesuffix(".json")
        return Response(json.dumps(entity(cik)), content_type="application/json")

    def listed(_: Request) -> Response:
        times.append(time.monotonic())
        rows = [[cik, "NYSE"] for cik in range(1, 25)]
        return Response(json.dumps({"fields": ["cik", "exchange"], "data": rows}))

    with HTTPServer(host="127.0.0.1") as other:
        other.expect_request("/files/company_tickers_exchange.json").respond_with_handler(listed)
        for cik in range(1, 25):
            path = f"/submissions/CIK{cik:010}.json"
            httpserver.expect_request(path).respond_with_handler(company)
        every = source(httpserver, "tickers_exchange: true", ciks=())
        fetched(
            tmp_path,
            every.replace(
                "sec_url: " + httpserver.url_for("").rstrip("/"),
                "sec_url: " + other.url_for("").rstrip("/"),
            ),
        )

    assert len(times) == 25
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= 10
