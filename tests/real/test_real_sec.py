"""The SEC's connectors against its recorded answers, which lie beside the project, never in it."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from pytest_httpserver import HTTPServer

from ingest.edgar import filed_on
from ingest.http import SourceSession
from ingest.settings import PROJECT
from tests.support.sources import Landed, fetched

DATA = PROJECT.parent / "shared" / "data"
SUBMISSIONS = DATA / "sec_2026" / "submissions"
OLDER = DATA / "sec_edgartools" / "company_submission_CIK0001318605.json"
INDEX = DATA / "sec_edgartools" / "form.20200318.idx"
FORMS = DATA / "sec_formd_xml"
WEEK = date(2026, 7, 6)
AGENT = "user_agent: Acme Sample sales@acme-sample.com"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)


def asking(server: HTTPServer, *more: str) -> str:
    """An entry of sources.yml for a server that answers like EDGAR."""
    address = f"data_url: {server.url_for('').rstrip('/')}"
    return "\n".join(["connector: sec_edgar", AGENT, address, *more])


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Landed]:
    """The recorded companies with all of their history, fetched once: the rate takes its time."""
    paths = sorted(SUBMISSIONS.glob("*.json"))
    ciks = ", ".join(path.stem.removeprefix("CIK").lstrip("0") for path in paths)
    with HTTPServer() as server:
        for path in paths:
            server.expect_request(f"/submissions/{path.name}").respond_with_data(
                path.read_bytes(), content_type="application/json"
            )
        source = asking(server, f"ciks: [{ciks}]", "since_days: 36500")
        return fetched(tmp_path_factory.mktemp("history"), source, WEEK)


def of(landed: Landed, cik: str) -> dict[str, object]:
    """One company."""
    return landed.rows.row(by_predicate=pl.col("cik") == cik, named=True)


def test_recorded_companies_are_placed_and_named(history: dict[str, Landed]) -> None:
    """All thirty, and none for a fund, though one of them once filed a fund's form."""
    companies = history["companies"]

    assert (companies.batch.rows, companies.batch.rejects) == (30, 0)
    known = companies.rows.select("country", "region", "city", "industry", "industry_code", "phone")
    assert sum(known.null_count().row(0)) == 0
    assert companies.rows["country"].value_counts(sort=True).rows() == [("US", 29), ("CA", 1)]
    assert companies.rows.filter(pl.col("ownership") == "public").height == 27


def test_recorded_former_names_are_other_names(history: dict[str, Landed]) -> None:
    """Two are listed with their present name as a former one."""
    companies = history["companies"]

    assert of(companies, "0000104169")["aliases"] == ["WAL MART STORES INC"]
    assert of(companies, "0000078003")["aliases"] is None
    assert len(of(companies, "0000885590")["aliases"]) == 4


def test_recorded_8_ks_are_events_of_known_kinds(history: dict[str, Landed]) -> None:
    """Ten thousand filings of thirty years; the items before 2004 had other numbers."""
    signals = history["signals"]
    answers = [json.loads(path.read_text()) for path in SUBMISSIONS.glob("*.json")]
    filings = [answer["filings"]["recent"] for answer in answers]
    items = [
        item
        for recent in filings
        for form, listed in zip(recent["form"], recent["items"], strict=True)
        if form in ("8-K", "8-K12B", "8-K12G3")
        for item in listed.split(",")
        if item not in ("", "9.01", "7")
    ]

    original = signals.rows.filter(~pl.col("title").str.contains("8-K/A"))
    told = signals.rows.select("topic", "title", "text", "url", "known_at", "occurred_at")
    assert (signals.batch.rejects, signals.batch.unconverted) == (0, 0)
    assert told.null_count().row(0) == (0,) * 6
    assert original.height == len(items)
    assert 0 < signals.rows.height - original.height < 240


def test_no_reading_of_the_recorded_times_moves_an_event_over_a_monday(
    history: dict[str, Landed],
) -> None:
    """Four answers write New York's time and call it UTC: up to five hours early, never a list.

    EDGAR is open from 6 to 22 o'clock on weekdays, so one of ten thousand events fell on a weekend.
    """
    rows = history["signals"].rows.filter(pl.col("occurred_at").dt.year() > 2004)

    hour = pl.col("known_at").dt.convert_time_zone("America/New_York").dt.hour()
    shares = rows.group_by("cik").agg(strange=(~hour.is_between(6, 21)).mean())
    since_saturday = pl.col("known_at").dt.offset_by("-6h").dt.weekday()
    assert shares.filter(pl.col("strange") > 0.01).height == 4
    assert rows.filter(since_saturday >= 6).height == 1


def test_some_recorded_events_are_accepted_the_evening_before(history: dict[str, Landed]) -> None:
    """The results of the next morning; they count as known from the time of acceptance."""
    rows = history["signals"].rows.filter(pl.col("occurred_at").dt.year() > 2004)

    ahead = rows.filter(pl.col("known_at") < pl.col("occurred_at"))
    assert ahead["source_signal_id"].str.head(20).n_unique() < 25
    assert (ahead["occurred_at"] - ahead["known_at"]).max() < timedelta(days=3)


def test_an_older_answer_has_its_pages(httpserver: HTTPServer, tmp_path: Path) -> None:
    """One of 2022: other fields, and a page of filings until 2013, which is asked for if needed."""
    answer = json.loads(OLDER.read_text())
    httpserver.expect_request("/submissions/CIK0001318605.json").respond_with_json(answer)
    page = "/submissions/CIK0001318605-submissions-001.json"
    httpserver.expect_request(page).respond_with_json(
        {name: column[-3:] for name, column in answer["filings"]["recent"].items()}
    )
    source = asking(httpserver, "ciks: [1318605]")

    landed = fetched(tmp_path / "year", source, date(2022, 12, 26))
    asked = [request.path for request, _ in httpserver.log]
    fetched(tmp_path / "decade", f"{source}\nsince_days: 3650", date(2022, 12, 26))

    company = of(landed["companies"], "0001318605")
    assert (company["country"], company["region"], company["street"]) == (
        "US",
        "CA",
        "3500 DEER CREEK RD",
    )
    assert landed["signals"].batch.rows > 10
    assert page not in asked
    assert page in [request.path for request, _ in httpserver.log]


def test_recorded_filings_give_the_one_company_that_is_no_fund(tmp_path: Path) -> None:
    """Two of three offer interests in pooled funds; the third is an amendment of 2023."""
    source = f"connector: sec_form_d\n{AGENT}\nfilings: ['{FORMS}/*.xml']"

    landed = fetched(tmp_path, source, WEEK)

    (company,) = landed["companies"].rows.to_dicts()
    (signal,) = landed["signals"].rows.to_dicts()
    attributes = {entry["key"]: entry["value"] for entry in company["attributes"]}
    assert [table.batch.rejects for table in landed.values()] == [0, 0, 0]
    assert (company["cik"], company["region"], company["legal_form"]) == (
        "0001544190",
        "FL",
        "Limited Liability Company",
    )
    assert (attributes["last_raise_usd"], attributes["last_raise_offered_usd"]) == (
        "5725051",
        "8000000",
    )
    assert signal["title"] == "Raised $5.7 million of $8 million offered (Form D/A)"
    assert signal["occurred_at"] == datetime(2017, 3, 16, tzinfo=UTC)
    assert signal["known_at"] is None


def test_the_recorded_people_are_seven_leaders(tmp_path: Path) -> None:
    """Each once, with the form's words as title."""
    source = f"connector: sec_form_d\n{AGENT}\nfilings: ['{FORMS}/*.xml']"

    contacts = fetched(tmp_path, source, WEEK)["contacts"].rows

    assert contacts["source_contact_id"].n_unique() == contacts.height == 7
    assert contacts["title"].str.contains("Chief Financial Officer").sum() == 1


def test_a_recorded_daily_index_tells_its_form_ds(httpserver: HTTPServer) -> None:
    """176 of 4,084 lines, those of several issuers once."""
    folder = "/Archives/edgar/daily-index/2020/QTR1/"
    httpserver.expect_request(f"{folder}index.json").respond_with_json(
        {"directory": {"item": [{"name": INDEX.name}]}}
    )
    httpserver.expect_request(folder + INDEX.name).respond_with_data(
        INDEX.read_bytes(), content_type="text/plain"
    )
    lines = INDEX.read_text("latin-1").splitlines()
    paths = [line.split()[-1] for line in lines if line.startswith(("D  ", "D/A  "))]

    with SourceSession("vendor") as session:
        days = [date(2020, 3, 17), date(2020, 3, 18)]
        found = filed_on(session, httpserver.url_for(""), days, ["D", "D/A"])

    assert len(paths) == 176
    assert {address.rpartition("/")[2] for address in found} == {
        path.rpartition("/")[2] for path in paths
    }
    assert len(found) == len(set(found))
