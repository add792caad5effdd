"""Form D: who raised money, how much, and who leads them, from XML and from the SEC's sets."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from ingest.errors import DocumentError, SourceRejected
from ingest.registry import CONNECTORS, connector
from tests.support.landing import tree
from tests.support.sources import Landed, fetched

AGENT = "Acme Sample sales@acme-sample.com"
CIK = "0000001234"
NUMBER = "0000001234-26-000007"
PERSON = ("Ada", "Made", "Up", ("Executive Officer", "Director"), "Chief Executive Officer")


def person(first: str, middle: str, last: str, relations: Iterable[str], title: str) -> str:
    """One related person, as the form has it."""
    listed = "".join(f"<relationship>{one}</relationship>" for one in relations)
    return (
        f"<relatedPersonInfo><relatedPersonName><firstName>{first}</firstName>"
        f"<middleName>{middle}</middleName><lastName>{last}</lastName></relatedPersonName>"
        f"<relatedPersonRelationshipList>{listed}</relatedPersonRelationshipList>"
        f"<relationshipClarification>{title}</relationshipClarification></relatedPersonInfo>"
    )


def form_d(**given: Any) -> str:
    """A made-up filing as EDGAR shows it."""
    said = {
        "form": "D",
        "mode": "LIVE",
        "cik": CIK,
        "name": "Acme Sample, Inc.",
        "place": "FL",
        "former": ("Bolt Sample LLC",),
        "founded": "<withinFiveYears>true</withinFiveYears><value>2024</value>",
        "people": (PERSON,),
        "industry": "Other Technology",
        "revenue": "$1,000,001 - $5,000,000",
        "previous": "",
        "sale": "<value>2026-09-16</value>",
        "securities": "<isEquityType>true</isEquityType>",
        "offered": "8000000",
        "sold": "5725051",
        "more": "",
    } | given
    before = said["previous"] and (
        f"<previousAccessionNumber>{said['previous']}</previousAccessionNumber>"
    )
    former = "".join(f"<previousName>{name}</previousName>" for name in said["former"])
    return f"""
<?xml version="1.0"?>
<edgarSubmission>
  <submissionType>{said["form"]}</submissionType>
  <testOrLive>{said["mode"]}</testOrLive>
  <primaryIssuer>
    <cik>{said["cik"]}</cik>
    <entityName>{escape(said["name"])}</entityName>
    <issuerAddress>
      <street1>1 Sample Way</street1><street2>Suite 2</street2><city>Sampleton</city>
      <stateOrCountry>{said["place"]}</stateOrCountry>
      <stateOrCountryDescription>FLORIDA</stateOrCountryDescription><zipCode>32258</zipCode>
    </issuerAddress>
    <issuerPhoneNumber>555 0100</issuerPhoneNumber>
    <jurisdictionOfInc>DELAWARE</jurisdictionOfInc>
    <issuerPreviousNameList>{former}</issuerPreviousNameList>
    <edgarPreviousNameList><value>None</value></edgarPreviousNameList>
    <entityType>Corporation</entityType>
    <yearOfInc>{said["founded"]}</yearOfInc>
  </primaryIssuer>
  {said["more"]}
  <relatedPersonsList>{"".join(person(*one) for one in said["people"])}</relatedPersonsList>
  <offeringData>
    <industryGroup><industryGroupType>{said["industry"]}</industryGroupType></industryGroup>
    <issuerSize><revenueRange>{said["revenue"]}</revenueRange></issuerSize>
    <typeOfFiling>
      <newOrAmendment>{before}</newOrAmendment>
      <dateOfFirstSale>{said["sale"]}</dateOfFirstSale>
    </typeOfFiling>
    <typesOfSecuritiesOffered>{said["securities"]}</typesOfSecuritiesOffered>
    <offeringSalesAmounts>
      <totalOfferingAmount>{said["offered"]}</totalOfferingAmount>
      <totalAmountSold>{said["sold"]}</totalAmountSold>
    </offeringSalesAmounts>
    <investors><totalNumberAlreadyInvested>13</totalNumberAlreadyInvested></investors>
    <signatureBlock><signature><signatureDate>2026-09-30</signatureDate></signature></signatureBlock>
  </offeringData>
</edgarSubmission>
"""


def whole(xml: str, number: str = NUMBER, accepted: str = "20261001173015") -> str:
    """The submission around a filing, with its header."""
    return (
        f"<SEC-DOCUMENT>{number}.txt : {accepted[:8]}\n<SEC-HEADER>{number}.hdr.sgml\n"
        f"<ACCEPTANCE-DATETIME>{accepted}\nACCESSION NUMBER:\t\t{number}\n"
        f"CONFORMED SUBMISSION TYPE:\tD\nFILED AS OF DATE:\t\t{accepted[:8]}\n</SEC-HEADER>\n"
        f"<DOCUMENT>\n<TYPE>D\n<TEXT>\n<XML>{xml}</XML>\n</TEXT>\n</DOCUMENT>\n</SEC-DOCUMENT>\n"
    )


def drop(folder: Path, **files: str) -> str:
    """Files in a folder of their own, as `filings`."""
    (folder / "drops").mkdir(parents=True)
    for name, text in files.items():
        (folder / "drops" / name).write_text(text, encoding="utf-8")
    return entry("filings: [drops/*]")


def entry(*more: str) -> str:
    """The entry of sources.yml."""
    return "\n".join(["connector: sec_form_d", f"user_agent: {AGENT}", *more])


def only(landed: Landed) -> dict[str, Any]:
    """The one row of a table, without what is null and what the landing fills in."""
    (row,) = landed.rows.drop("source", "batch_id").to_dicts()
    return {name: value for name, value in row.items() if value is not None}


def test_a_filing_is_a_company_a_raise_and_its_leaders(tmp_path: Path) -> None:
    """As a whole submission, which tells its number and when it was accepted, in New York."""
    landed = fetched(tmp_path, drop(tmp_path, **{"a.txt": whole(form_d())}))

    accepted = datetime(2026, 10, 1, 21, 30, 15, tzinfo=UTC)
    company, contact, signal = (only(landed[name]) for name in landed)
    attributes = {entry["key"]: entry["value"] for entry in company.pop("attributes")}
    assert company == {
        "observed_at": accepted,
        "source_company_id": CIK,
        "cik": CIK,
        "name": "Acme Sample, Inc.",
        "aliases": ["Bolt Sample LLC"],
        "country": "US",
        "region": "FL",
        "city": "Sampleton",
        "postal_code": "32258",
        "street": "1 Sample Way, Suite 2",
        "phone": "555 0100",
        "industry": "Other Technology",
        "founded_year": 2024,
        "legal_form": "Corporation",
    }
    assert attributes == {
        "jurisdiction": "DELAWARE",
        "last_raise_date": "2026-09-16",
        "last_raise_investors": "13",
        "last_raise_offered_usd": "8000000",
        "last_raise_usd": "5725051",
        "revenue_high_usd": "5000000",
        "revenue_low_usd": "1000001",
        "revenue_range": "$1,000,001 - $5,000,000",
    }
    assert contact == {
        "observed_at": accepted,
        "source_contact_id": f"{CIK}/ada made up",
        "source_company_id": CIK,
        "full_name": "Ada Made Up",
        "title": "Chief Executive Officer (Executive Officer, Director)",
    }
    assert signal == {
        "observed_at": datetime(2026, 11, 2, tzinfo=UTC),
        "source_signal_id": NUMBER,
        "source_company_id": CIK,
        "cik": CIK,
        "kind": "funding",
        "topic": "private placement",
        "title": "Raised $5.7 million of $8 million offered (Form D)",
        "occurred_at": datetime(2026, 9, 16, tzinfo=UTC),
        "known_at": accepted,
        "url": (
            "https://www.sec.gov/Archives/edgar/data/1234/000000123426000007/"
            "0000001234-26-000007-index.htm"
        ),
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0000001234-26-000007.xml", NUMBER),
        ("D-000000123426000007.xml", NUMBER),
        ("primary_doc.xml", "8a"),
    ],
)
def test_the_xml_alone_is_known_by_its_name_else_by_its_hash(
    tmp_path: Path, name: str, expected: str
) -> None:
    """When it was published isn't in it: the week that first sees it counts."""
    landed = fetched(tmp_path, drop(tmp_path, **{name: form_d()}))

    signal = only(landed["signals"])
    key = signal["source_signal_id"]
    assert key == expected if expected == NUMBER else len(key) == 20
    assert ("known_at" in signal, "url" in signal) == (False, expected == NUMBER)
    assert signal["occurred_at"] == datetime(2026, 9, 16, tzinfo=UTC)


def test_an_address_gives_the_number_too(httpserver: HTTPServer, tmp_path: Path) -> None:
    """EDGAR's folders are named by it; who asks is declared."""
    path = "/Archives/edgar/data/1234/000000123426000007/primary_doc.xml"
    httpserver.expect_request(path, headers={"User-Agent": AGENT}).respond_with_data(
        form_d(), content_type="text/xml"
    )

    landed = fetched(tmp_path, entry(f"filings: ['{httpserver.url_for(path)}']"))

    assert only(landed["signals"])["source_signal_id"] == NUMBER


POOLED = {
    "by industry": {"industry": "Pooled Investment Fund"},
    "by securities": {
        "securities": "<isPooledInvestmentFundType>true</isPooledInvestmentFundType>"
    },
    "a test": {"mode": "TEST"},
}


@pytest.mark.parametrize("filing", POOLED.values(), ids=POOLED)
def test_pooled_funds_are_left_out(tmp_path: Path, filing: dict[str, Any]) -> None:
    """Most filings are theirs, and nobody sells to them; neither do tests of the form count."""
    source = drop(tmp_path, a=form_d(), b=form_d(cik="5678", name="Sample Fund LP", **filing))

    landed = fetched(tmp_path, source)

    assert [table.batch.rows for table in landed.values()] == [1, 1, 1]
    assert [table.batch.rejects for table in landed.values()] == [0, 0, 0]
    assert only(landed["companies"])["cik"] == CIK


def test_of_several_issuers_the_primary_one_counts(tmp_path: Path) -> None:
    """The others issue with it, mostly vehicles."""
    other = (
        "<issuerList><issuer><cik>5678</cik><entityName>Vehicle</entityName></issuer></issuerList>"
    )

    landed = fetched(tmp_path, drop(tmp_path, a=form_d(more=other)))

    assert only(landed["companies"])["cik"] == CIK


TITLES = {
    "all sold": (("5000000", "5000000"), "Raised $5 million of $5 million offered (Form D)"),
    "without a limit": (
        ("Indefinite", "999999"),
        "Raised $1 million of an offering without a limit (Form D)",
    ),
    "thousands and billions": (
        ("1270000000", "45500"),
        "Raised $45.5 thousand of $1.3 billion offered (Form D)",
    ),
    "nothing yet": (("8000000", "0"), "Offers $8 million, nothing sold yet (Form D)"),
    "nothing known": (("Indefinite", ""), "Offers securities, nothing sold yet (Form D)"),
    "small": (("900", "12.5"), "Raised $12.5 of $900 offered (Form D)"),
}


@pytest.mark.parametrize(("amounts", "title"), TITLES.values(), ids=TITLES)
def test_amounts_are_told_in_words(tmp_path: Path, amounts: tuple[str, str], title: str) -> None:
    """An offering may have no limit, and may not have begun."""
    offered, sold = amounts

    landed = fetched(tmp_path, drop(tmp_path, a=form_d(offered=offered, sold=sold)))

    assert only(landed["signals"])["title"] == title
    assert landed["companies"].batch.unconverted == 0


def test_an_amount_that_is_none_is_counted(tmp_path: Path) -> None:
    """It becomes unknown, never a guess, and never a negative raise."""
    landed = fetched(tmp_path, drop(tmp_path, a=form_d(offered="lots", sold="-5")))

    keys = {entry["key"] for entry in only(landed["companies"])["attributes"]}
    assert keys.isdisjoint({"last_raise_usd", "last_raise_offered_usd"})
    assert only(landed["signals"])["title"] == "Offers securities, nothing sold yet (Form D)"
    assert landed["companies"].batch.unconverted == 1


def test_a_filing_with_next_to_nothing_lands(tmp_path: Path) -> None:
    """Old filings lack most of what newer ones tell."""
    issuer = "<primaryIssuer><cik>12</cik><entityName>Acme Sample</entityName></primaryIssuer>"
    bare = f"<submissionType>D</submissionType>{issuer}<offeringData/>"

    landed = fetched(tmp_path, drop(tmp_path, a=f"<edgarSubmission>{bare}</edgarSubmission>"))

    assert [table.batch.rows for table in landed.values()] == [1, 0, 1]
    assert only(landed["signals"])["title"] == "Offers securities, nothing sold yet (Form D)"


def test_a_day_that_is_none_is_counted(tmp_path: Path) -> None:
    """The day of the signature stands for it."""
    landed = fetched(tmp_path, drop(tmp_path, a=form_d(sale="<value>last week</value>")))

    assert landed["companies"].batch.unconverted == 1
    assert only(landed["signals"])["occurred_at"] == datetime(2026, 9, 30, tzinfo=UTC)


def test_an_amendment_is_a_signal_where_it_tells_of_more_money(tmp_path: Path) -> None:
    """More of the same offering is no new round: it happened by the day of the amendment.

    The newest filing describes the company; its people are the present ones.
    """
    second, third = "0000001234-26-000008", "0000001234-26-000009"
    boss = ("Bea", "", "Up", ("Director",), "")
    more = form_d(form="D/A", previous=NUMBER, sold="6000000", people=(boss,))
    same = form_d(form="D/A", previous=second, sold="6000000", name="Acme Samples", people=(boss,))
    source = drop(
        tmp_path,
        c=whole(same, third, "20261020100000"),
        b=whole(more, second, "20261010100000"),
        a=whole(form_d()),
    )

    landed = fetched(tmp_path, source)

    assert landed["signals"].rows.select("title", "topic", "occurred_at").rows() == [
        (
            "Raised $5.7 million of $8 million offered (Form D)",
            "private placement",
            datetime(2026, 9, 16, tzinfo=UTC),
        ),
        (
            "Raised $6 million of $8 million offered (Form D/A)",
            "private placement continued",
            datetime(2026, 10, 10, tzinfo=UTC),
        ),
    ]
    assert only(landed["companies"])["name"] == "Acme Samples"
    assert only(landed["contacts"])["full_name"] == "Bea Up"
    assert [table.batch.rejects for table in landed.values()] == [0, 0, 0]


ACCEPTED = ("20261001100000", "20261008100000", "20261015100000")
OFFERINGS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str]]]] = {
    "all amendments name the first filing": (
        [
            {"sold": "5"},
            {"form": "D/A", "previous": "0000001234-26-000000", "sold": "9"},
            {"form": "D/A", "previous": "000000123426000000", "sold": "7"},
        ],
        [("private placement", "2026-09-16"), ("private placement continued", "2026-10-08")],
    ),
    "an amendment doesn't name any": (
        [{"sold": "5"}, {"form": "D/A", "sold": "5"}, {"form": "D/A", "sold": "6"}],
        [("private placement", "2026-09-16"), ("private placement continued", "2026-10-15")],
    ),
    "the first sale comes later": (
        [
            {"sold": "0", "sale": "<yetToOccur>true</yetToOccur>"},
            {
                "form": "D/A",
                "previous": "0000001234-26-000000",
                "sold": "5",
                "sale": "<value>2026-10-05</value>",
            },
        ],
        [("private placement offered", "2026-10-01"), ("private placement", "2026-10-05")],
    ),
    "another round": (
        [{"sold": "5"}, {"sold": "9", "sale": "<value>2026-10-06</value>"}],
        [("private placement", "2026-09-16"), ("private placement", "2026-10-06")],
    ),
    "amendments in a ring": (
        [
            {"form": "D/A", "previous": "0000001234-26-000001", "sold": "5"},
            {"form": "D/A", "previous": "0000001234-26-000000", "sold": "6"},
        ],
        [("private placement", "2026-09-16"), ("private placement", "2026-09-16")],
    ),
}


@pytest.mark.parametrize(("filings", "expected"), OFFERINGS.values(), ids=OFFERINGS)
def test_a_round_counts_once_however_often_it_is_amended(
    tmp_path: Path, filings: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    """Its day is that of its first sale; a new round has its own."""
    texts = {
        f"{number}.txt": whole(form_d(**filing), f"0000001234-26-00000{number}", ACCEPTED[number])
        for number, filing in enumerate(filings)
    }

    signals = fetched(tmp_path, drop(tmp_path, **texts))["signals"].rows

    assert [
        (topic, f"{occurred:%Y-%m-%d}")
        for topic, occurred in signals.select("topic", "occurred_at").rows()
    ] == expected


def test_an_amendment_of_an_unknown_filing_is_a_signal(tmp_path: Path) -> None:
    """What it amends isn't listed here."""
    source = drop(tmp_path, a=form_d(form="D/A", previous="0000001234-20-000001"))

    assert only(fetched(tmp_path, source)["signals"])["title"].endswith("(Form D/A)")


def test_only_people_who_lead_are_contacts(tmp_path: Path) -> None:
    """Promoters don't, and a firm that manages the issuer is nobody to call."""
    people = (
        PERSON,
        ("Ada", "Made", "Up", ("Director",), ""),
        ("Bob", "N/A", "Up", ("Promoter",), "Founder"),
        ("N/A", "", "Sample Holdings", ("Director",), "Manager"),
        ("LLC", "", "Sample GP,", ("Executive Officer",), "General partner"),
        ("Cleo", "-", "Up", ("Director", "Promoter"), "None"),
    )

    contacts = fetched(tmp_path, drop(tmp_path, a=form_d(people=people)))["contacts"]

    assert contacts.rows.select("full_name", "title").rows() == [
        ("Ada Made Up", "Chief Executive Officer (Executive Officer, Director)"),
        ("Cleo Up", "Director, Promoter"),
    ]
    assert contacts.batch.rejects == 0


@pytest.mark.parametrize(
    ("sale", "day"),
    [
        ("<value>2026-09-16</value>", 16),
        ("<value>2206-09-16</value>", 30),
        ("<yetToOccur>true</yetToOccur>", 30),
    ],
)
def test_a_raise_happened_on_its_first_sale_else_when_it_was_filed(
    tmp_path: Path, sale: str, day: int
) -> None:
    """A sale after the filing is a slip; of the XML alone the day of signing is all there is."""
    landed = fetched(tmp_path, drop(tmp_path, a=form_d(sale=sale)))

    assert only(landed["signals"])["occurred_at"] == datetime(2026, 9, day, tzinfo=UTC)
    assert {"key": "last_raise_date", "value": f"2026-09-{day}"} in only(landed["companies"])[
        "attributes"
    ]


@pytest.mark.parametrize(
    ("founded", "expected"),
    [
        ("<overFiveYears>true</overFiveYears>", None),
        ("<yetToBeFormed>true</yetToBeFormed>", None),
        ("<overFiveYears>true</overFiveYears><value>1998</value>", 1998),
        ("<value>20244</value>", None),
    ],
)
def test_the_year_is_taken_where_it_is_one(
    tmp_path: Path, founded: str, expected: int | None
) -> None:
    """Most forms tell only that it was more than five years ago."""
    landed = fetched(tmp_path, drop(tmp_path, a=form_d(founded=founded)))

    assert only(landed["companies"]).get("founded_year") == expected


ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<edgarSubmission><primaryIssuer><cik>1</cik><entityName>&b;</entityName></primaryIssuer>
<offeringData/></edgarSubmission>"""
OUTSIDE = ENTITIES.replace('ENTITY a "aaaaaaaaaa"', 'ENTITY a SYSTEM "file:///etc/hostname"')
HOSTILE = {
    "entities": (ENTITIES, "has a document type of its own"),
    "a file outside": (OUTSIDE, "has a document type of its own"),
    "too deep": ("<a>" * 200 + "</a>" * 200, "nested more than 100 levels deep"),
    "not closed": (form_d()[:-30], "expected XML, found something else"),
    "no XML": ("Form D", "expected XML, found something else"),
    "empty": ("", "expected XML, found something else: no element found"),
    "another form": ("<ownershipDocument/>", "expected a Form D"),
    "too large": (" " * (17 * 2**20), "larger than the cap"),
    "an encoding of its own": ('<?xml version="1.0" encoding="x"?><a/>', "expected XML"),
    "another kind": (form_d(form="8-K"), "expected the form D or D/A, found 8-K"),
    "no number": (form_d(cik="12-34"), "expected a CIK, found 12-34"),
    "no name": (form_d(name=""), "its issuer has no name"),
}


@pytest.mark.parametrize(("text", "said"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_filing_is_recorded_and_the_rest_goes_on(
    tmp_path: Path, text: str, said: str
) -> None:
    """Nothing in a document opens a file, asks an address or grows."""
    source = drop(tmp_path, a=form_d(), b=text, c=form_d(cik="9", name="Beta Sample"))

    landed = fetched(tmp_path, source)

    for table in landed.values():
        key = "cik" if "cik" in table.rows.columns else "source_company_id"
        assert sorted(table.rows[key]) == ["0000000009", CIK]
    assert landed["signals"].rejects["file"].to_list() == ["b"]
    assert said in landed["signals"].rejects["reason"][0]


def test_an_address_that_is_gone_is_recorded_without_its_query(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """People put keys there."""
    httpserver.expect_request("/a.xml").respond_with_data(form_d(), content_type="text/xml")
    httpserver.expect_request("/b.xml").respond_with_data(status=404)
    a, b = httpserver.url_for("/a.xml"), httpserver.url_for("/b.xml")

    landed = fetched(tmp_path, entry(f"filings: ['{a}', '{b}?key=secret']"))["signals"]

    assert landed.rejects["file"].to_list() == [b]
    assert landed.rejects["reason"].to_list() == [f"{b} answered 404: not there"]


def test_when_most_fail_the_source_fails(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Also where nothing is there at all; the last good batch stays."""
    source = entry(f"filings: ['{httpserver.url_for('/a')}', 'drops/*.xml']")
    httpserver.expect_request("/a").respond_with_data(status=404)

    with pytest.raises(SourceRejected, match=r"2 of 2 failed; the last: drops/\*.xml: no file"):
        fetched(tmp_path, source)


# EDGAR's daily indexes

INDEX_HEAD = f"""Description:           Daily Index of EDGAR Dissemination Feed by Form Type
Last Data Received:    Oct 1, 2026

{"Form Type":12}{"Company Name":62}{"CIK":12}{"Date Filed":12}File Name
{"-" * 140}
"""


def listed(form: str, cik: str, number: str, day: str) -> str:
    """One line of a daily index."""
    path = f"edgar/data/{cik}/{number}.txt"
    return f"{form:12}{'Made-up Société 1':62}{cik:12}{day:12}{path:52}\n"


def serve_days(server: HTTPServer, **days: str) -> None:
    """A quarter's folder with these days' indexes, and their filings."""
    names = [{"name": f"form.{day[1:]}.idx", "type": "file"} for day in days]
    folder = "/Archives/edgar/daily-index/2026/QTR4/"
    server.expect_request(f"{folder}index.json").respond_with_json(
        {"directory": {"item": [{"name": "company.20261001.idx"}, *names]}}
    )
    for day, lines in days.items():
        text = (INDEX_HEAD + lines).encode("latin-1")
        server.expect_request(f"{folder}form.{day[1:]}.idx").respond_with_data(
            text, content_type="text/plain"
        )


def test_the_filings_of_the_last_days_are_found_by_the_daily_indexes(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Forms D and their amendments, each once, of days before the week that have an index."""
    second, third = "0000001234-26-000008", "0000001234-26-000009"
    serve_days(
        httpserver,
        d20261029=listed("D", "1234", NUMBER, "20261029")
        + listed("D", "5678", NUMBER, "20261029")
        + listed("DEF 14A", "1234", "0000001234-26-000099", "20261029"),
        d20261030=listed("D/A", "1234", second, "2026-10-30"),
        d20261102=listed("D", "1234", third, "20261102"),
    )
    for number, xml in ((NUMBER, form_d()), (second, form_d(form="D/A", sold="7000000"))):
        httpserver.expect_request(f"/Archives/edgar/data/1234/{number}.txt").respond_with_data(
            whole(xml, number, "20261030100000"), content_type="text/plain"
        )
    address = httpserver.url_for("").rstrip("/")

    landed = fetched(tmp_path, entry("days: 5", f"sec_url: {address}"))

    assert [request.path.rpartition("/")[2] for request, _ in httpserver.log] == [
        "index.json",
        "form.20261029.idx",
        "form.20261030.idx",
        f"{NUMBER}.txt",
        f"{second}.txt",
    ]
    assert landed["signals"].rows["source_signal_id"].to_list() == [NUMBER, second]
    assert landed["companies"].batch.rows == 1


def test_days_without_any_filing_are_no_failure(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A week of holidays lands empty tables."""
    serve_days(httpserver)
    address = httpserver.url_for("").rstrip("/")

    landed = fetched(tmp_path, entry("days: 7", f"sec_url: {address}"))

    assert [table.batch.rows for table in landed.values()] == [0, 0, 0]


def test_a_folder_in_another_shape_is_refused(httpserver: HTTPServer, tmp_path: Path) -> None:
    """No filing at all would pass for a quiet week."""
    httpserver.expect_request("/Archives/edgar/daily-index/2026/QTR4/index.json").respond_with_json(
        {"items": []}
    )
    address = httpserver.url_for("").rstrip("/")

    with pytest.raises(SourceRejected, match=r"expected a folder's `directory\.item`"):
        fetched(tmp_path, entry("days: 7", f"sec_url: {address}"))


# The SEC's quarterly sets

SUBMISSION = {
    "ACCESSIONNUMBER": NUMBER,
    "FILE_NUM": "021-1",
    "FILING_DATE": "01-OCT-2026",
    "SIC_CODE": "",
    "SCHEMAVERSION": "X0708",
    "SUBMISSIONTYPE": "D",
    "TESTORLIVE": "LIVE",
}
ISSUER = {
    "ACCESSIONNUMBER": NUMBER,
    "IS_PRIMARYISSUER_FLAG": "YES",
    "ISSUER_SEQ_KEY": "1",
    "CIK": CIK,
    "ENTITYNAME": "Acme Sample, Inc.",
    "STREET1": "1 Sample Way",
    "STREET2": "Suite 2",
    "CITY": "Sampleton",
    "STATEORCOUNTRY": "FL",
    "STATEORCOUNTRYDESCRIPTION": "FLORIDA",
    "ZIPCODE": "32258",
    "ISSUERPHONENUMBER": "555 0100",
    "JURISDICTIONOFINC": "DELAWARE",
    "ISSUER_PREVIOUSNAME_1": "Bolt Sample LLC",
    "ISSUER_PREVIOUSNAME_2": "",
    "EDGAR_PREVIOUSNAME_1": "None",
    "ENTITYTYPE": "Corporation",
    "YEAROFINC_TIMESPAN_CHOICE": "withinFiveYears",
    "YEAROFINC_VALUE_ENTERED": "2024",
}
OFFERING = {
    "ACCESSIONNUMBER": NUMBER,
    "INDUSTRYGROUPTYPE": "Other Technology",
    "REVENUERANGE": "$1,000,001 - $5,000,000",
    "ISAMENDMENT": "false",
    "PREVIOUSACCESSIONNUMBER": "",
    "SALE_DATE": "2026-09-16",
    "ISPOOLEDINVESTMENTFUNDTYPE": "",
    "TOTALOFFERINGAMOUNT": "8000000",
    "TOTALAMOUNTSOLD": "5725051",
    "TOTALNUMBERALREADYINVESTED": "13",
}
RELATED = {
    "ACCESSIONNUMBER": NUMBER,
    "RELATEDPERSON_SEQ_KEY": "1",
    "FIRSTNAME": "Ada",
    "MIDDLENAME": "Made",
    "LASTNAME": "Up",
    "RELATIONSHIP_1": "Executive Officer",
    "RELATIONSHIP_2": "Director",
    "RELATIONSHIP_3": "",
    "RELATIONSHIPCLARIFICATION": "Chief Executive Officer",
}
SET = {
    "FORMDSUBMISSION": [SUBMISSION],
    "ISSUERS": [ISSUER],
    "OFFERING": [OFFERING],
    "RELATEDPERSONS": [RELATED],
}


def packed(path: Path, folder: str = "2026Q3_d/", **tables: list[dict[str, str]] | str) -> Path:
    """A made-up set; a table is given as rows or as text."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in {**SET, **tables}.items():
            text = rows if isinstance(rows, str) else tsv(rows)
            archive.writestr(f"{folder}{name}.tsv", text)
        archive.writestr(f"{folder}RECIPIENTS.tsv", "ACCESSIONNUMBER\n")
    return path


def tsv(rows: list[dict[str, str]]) -> str:
    """Rows as the sets have them: tabs, and nothing quoted."""
    return "".join("\t".join(line) + "\n" for line in [list(rows[0]), *(r.values() for r in rows)])


def another(table: dict[str, str], number: str, **columns: str) -> dict[str, str]:
    """The same row of another filing."""
    return table | {"ACCESSIONNUMBER": number} | columns


def contents(landed: dict[str, Landed]) -> list[list[dict[str, Any]]]:
    """All rows, without what tells when they were published."""
    return [
        table.rows.drop("source", "batch_id", "observed_at", "known_at", strict=False).to_dicts()
        for table in landed.values()
    ]


def test_a_set_gives_the_same_as_the_filings_in_it(httpserver: HTTPServer, tmp_path: Path) -> None:
    """By path or address; known from the end of the day of filing."""
    by_filing = fetched(tmp_path / "filing", drop(tmp_path / "filing", a=whole(form_d())))
    path = packed(tmp_path / "2026q3_d.zip")
    httpserver.expect_request("/2026q3_d.zip").respond_with_data(
        path.read_bytes(), content_type="application/zip"
    )
    address = httpserver.url_for("/2026q3_d.zip")

    by_path = fetched(tmp_path / "path", entry(f"sets: ['{path}']"))
    by_address = fetched(tmp_path / "address", entry(f"sets: ['{address}']"))

    assert contents(by_path) == contents(by_address) == contents(by_filing)
    assert by_path["signals"].rows["known_at"].item() == datetime(2026, 10, 2, 4, tzinfo=UTC)


def test_a_filing_in_a_set_and_by_itself_is_one(tmp_path: Path) -> None:
    """The one that tells its day counts."""
    packed(tmp_path / "2026q3_d.zip")
    source = drop(tmp_path, **{f"{NUMBER}.xml": form_d()}) + "\nsets: ['*.zip']"

    landed = fetched(tmp_path, source)

    assert [table.batch.rows for table in landed.values()] == [1, 1, 1]
    assert [table.batch.rejects for table in landed.values()] == [0, 0, 0]
    assert only(landed["signals"])["known_at"] == datetime(2026, 10, 2, 4, tzinfo=UTC)


def test_a_set_is_joined_by_filing_and_judged_row_by_row(tmp_path: Path) -> None:
    """Co-issuers and funds are left out; a filing without issuer or offering is a reject."""
    fund, orphan, bare = (f"0000001234-26-00001{n}" for n in range(3))
    packed(
        tmp_path / "2026q3_d.zip",
        FORMDSUBMISSION=[SUBMISSION, *(another(SUBMISSION, n) for n in (fund, orphan, bare))],
        ISSUERS=[
            another(ISSUER, NUMBER, IS_PRIMARYISSUER_FLAG="NO", CIK="5", ENTITYNAME="Vehicle"),
            ISSUER,
            another(ISSUER, fund, CIK="6"),
            another(ISSUER, orphan, IS_PRIMARYISSUER_FLAG="NO"),
            another(ISSUER, bare, CIK="7"),
        ],
        OFFERING=[
            OFFERING,
            another(OFFERING, fund, INDUSTRYGROUPTYPE="Pooled Investment Fund"),
            another(OFFERING, orphan),
        ],
    )

    landed = fetched(tmp_path, entry("sets: ['*.zip']"))

    assert only(landed["companies"])["cik"] == CIK
    assert landed["signals"].batch.rows == 1
    assert landed["signals"].rejects.select("file", "line", "reason").rows() == [
        (
            "2026q3_d.zip/FORMDSUBMISSION.tsv",
            4,
            "ISSUERS.tsv has no primary issuer of this filing",
        ),
        ("2026q3_d.zip/FORMDSUBMISSION.tsv", 5, "OFFERING.tsv has no row of this filing"),
    ]


def test_a_broken_row_of_a_set_is_set_aside_with_its_line(tmp_path: Path) -> None:
    """Quotation marks are part of names, and a tab too many costs its own row."""
    second = "0000001234-26-000008"
    issuers = tsv([another(ISSUER, NUMBER, ENTITYNAME='"Acme" Sample')])
    issuers += "\t".join(another(ISSUER, second, ENTITYNAME="Be\tta").values()) + "\n"
    packed(
        tmp_path / "2026q3_d.zip",
        FORMDSUBMISSION=[SUBMISSION, another(SUBMISSION, second)],
        ISSUERS=issuers,
        OFFERING=[OFFERING, another(OFFERING, second)],
        RELATEDPERSONS=tsv([RELATED]) + "half a row\n",
    )

    landed = fetched(tmp_path, entry("sets: ['*.zip']"))

    assert only(landed["companies"])["name"] == '"Acme" Sample'
    assert landed["contacts"].rejects.select("file", "line", "reason").rows() == [
        ("2026q3_d.zip/RELATEDPERSONS.tsv", 3, "expected 9 values, found 1")
    ]
    assert landed["signals"].rejects.select("file", "line", "reason").rows() == [
        (
            "2026q3_d.zip/FORMDSUBMISSION.tsv",
            3,
            "ISSUERS.tsv has no primary issuer of this filing",
        ),
        ("2026q3_d.zip/ISSUERS.tsv", 3, "expected 19 values, found 20"),
    ]


@pytest.mark.parametrize("written", ["01-OCT-2026", "1-Oct-2026", "2026-10-01"])
def test_days_are_read_as_the_sets_write_them(tmp_path: Path, written: str) -> None:
    """Each quarter's set has its own idea."""
    packed(
        tmp_path / "2026q3_d.zip",
        FORMDSUBMISSION=[another(SUBMISSION, NUMBER, FILING_DATE=written)],
        OFFERING=[another(OFFERING, NUMBER, SALE_DATE="")],
    )

    signal = only(fetched(tmp_path, entry("sets: ['*.zip']"))["signals"])

    assert signal["occurred_at"] == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_set_needs_only_the_columns_that_are_used(tmp_path: Path) -> None:
    """Older sets have fewer."""
    needed = {
        "ISSUERS": ("ACCESSIONNUMBER", "IS_PRIMARYISSUER_FLAG", "CIK", "ENTITYNAME"),
        "OFFERING": (
            "ACCESSIONNUMBER",
            "INDUSTRYGROUPTYPE",
            "TOTALOFFERINGAMOUNT",
            "TOTALAMOUNTSOLD",
        ),
        "RELATEDPERSONS": ("ACCESSIONNUMBER", "FIRSTNAME", "LASTNAME", "RELATIONSHIP_1"),
    }
    tables = {
        name: [{column: SET[name][0][column] for column in columns}]
        for name, columns in needed.items()
    }
    packed(tmp_path / "2026q3_d.zip", "", **tables)

    landed = fetched(tmp_path, entry("sets: ['*.zip']"))

    assert only(landed["contacts"])["full_name"] == "Ada Up"
    assert only(landed["signals"])["occurred_at"] == datetime(2026, 10, 1, tzinfo=UTC)


def renamed(table: dict[str, str], old: str, new: str) -> list[dict[str, str]]:
    """The table with a column under another name."""
    return [{(new if name == old else name): value for name, value in table.items()}]


BROKEN_SETS = {
    "a column renamed": (
        {"OFFERING": renamed(OFFERING, "TOTALAMOUNTSOLD", "TOTAL_AMOUNT_SOLD")},
        r'OFFERING\.tsv: expected a column TOTALAMOUNTSOLD, found none.*"TOTAL_AMOUNT_SOLD"',
    ),
    "an empty table": ({"ISSUERS": ""}, r"has 0 bytes"),
}


def test_a_set_may_be_written_in_another_encoding(tmp_path: Path) -> None:
    """What it is refused with tells what to do."""
    path = packed(tmp_path / "utf-8.zip", ISSUERS=tsv([another(ISSUER, NUMBER, ENTITYNAME="Acmé")]))
    with zipfile.ZipFile(path) as utf_8, zipfile.ZipFile(tmp_path / "q.zip", "w") as other:
        for name in utf_8.namelist():
            other.writestr(name, utf_8.read(name).decode().encode("cp1252"))

    with pytest.raises(SourceRejected, match="is not written in utf-8; set `encoding`"):
        fetched(tmp_path / "refused", entry("sets: [../q.zip]"))
    landed = fetched(tmp_path / "read", entry("sets: [../q.zip]", "encoding: cp1252"))

    assert only(landed["companies"])["name"] == "Acmé"


@pytest.mark.parametrize(("tables", "said"), BROKEN_SETS.values(), ids=BROKEN_SETS)
def test_a_set_in_another_shape_is_refused(
    tmp_path: Path, tables: dict[str, Any], said: str
) -> None:
    """Half of it read by guess would be worse than last week's."""
    packed(tmp_path / "2026q3_d.zip", **tables)

    with pytest.raises(SourceRejected, match=said):
        fetched(tmp_path, entry("sets: ['*.zip']"))


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    """It has none of the tables, or is no archive at all."""
    with zipfile.ZipFile(tmp_path / "2026q3_d.zip", "w") as archive:
        archive.writestr("../../FORMDSUBMISSION.txt", "ACCESSIONNUMBER\n")

    with pytest.raises(SourceRejected, match=r"2026q3_d\.zip/FORMDSUBMISSION\.tsv is not there"):
        fetched(tmp_path, entry("sets: ['2026q3_d.zip']"))

    (tmp_path / "2026q3_d.zip").write_bytes(b"PK\x03\x04 half")
    with pytest.raises(SourceRejected, match="is not a whole zip archive"):
        fetched(tmp_path, entry("sets: ['2026q3_d.zip']"))


def test_a_member_cannot_write_outside_of_the_scratch_folder(tmp_path: Path) -> None:
    """What an archive calls its members is no path of ours."""
    packed(tmp_path / "2026q3_d.zip", "../../../../")
    (tmp_path / "home").mkdir()

    landed = fetched(tmp_path / "home" / "deep", entry(f"sets: ['{tmp_path}/*.zip']"))

    assert landed["companies"].batch.rows == 1
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {
        ".zip",
        ".parquet",
        ".json",
        ".yml",
    }


def test_a_quarter_that_is_not_published_is_recorded(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """The SEC's come weeks after the quarter's end; listing the next one early does no harm."""
    packed(tmp_path / "2026q3_d.zip")
    httpserver.expect_request("/2026q4_d.zip").respond_with_data(status=404)
    address = httpserver.url_for("/2026q4_d.zip")

    landed = fetched(tmp_path, entry(f"sets: ['2026q3_d.zip', '{address}']"))

    assert landed["companies"].batch.rows == 1
    assert landed["signals"].rejects["file"].to_list() == [address]


def test_the_same_filings_again_change_nothing(tmp_path: Path) -> None:
    """In whatever order they are listed, the rows are the same batch."""
    packed(tmp_path / "2026q3_d.zip")
    source = drop(tmp_path, a=whole(form_d(cik="9", name="Beta Sample"), "0000000009-26-000001"))
    fetched(tmp_path, source + "\nsets: ['2026q3_d.zip']")
    before = {n: data for n, data in tree(tmp_path / "landing").items() if "manifest" not in n}

    again = fetched(tmp_path, entry("sets: ['2026q3_d.zip']", "filings: [drops/a, drops/a]"))

    assert {
        n: data for n, data in tree(tmp_path / "landing").items() if "manifest" not in n
    } == before
    assert [table.batch.rejects for table in again.values()] == [0, 0, 0]


def test_something_must_be_listed(tmp_path: Path) -> None:
    """An entry without filings and sets is a mistake of the document."""
    with pytest.raises(DocumentError, match="`days`, `filings` or `sets`"):
        fetched(tmp_path, entry())


def test_the_two_sources_of_the_sec_keep_its_limit_together() -> None:
    """Ten requests a second over all of its hosts, whoever asks."""
    rates = [connector(name).RATE_PER_SECOND for name in CONNECTORS if name.startswith("sec_")]

    assert len(rates) == 2
    assert sum(rates) <= 10
