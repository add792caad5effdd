"""The list of examples/public, made from the recorded answers of the SEC and of job boards.

A loopback server answers with them; of the documents only the addresses are changed. Two companies
that are watched have boards that were recorded and no submissions; no quarterly set was recorded.
The envelope and the index of the Form Ds are made here, so their accession numbers and days are
made up; what the forms say is as it was filed.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from ingest.settings import PROJECT, Settings
from tests.real.test_real_formats import DATA
from tests.support.landing import tree
from tests.support.runs import Publication, prospects

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)

EXAMPLE = PROJECT / "examples" / "public"
WEEK = date(2026, 7, 6)
AGENT = "Acme Sample sales@acme-sample.com"
BOARDS = {
    "/v1/boards/gitlab/jobs": "greenhouse.json",
    "/v0/postings/matchgroup": "lever.json",
}
NUMBERS = {
    "D.1685REIT.xml": "0000001001-26-000001",
    "D.APFund.xml": "0000001002-26-000001",
    "D.Shepards.xml": "0000001003-26-000001",
}
LISTED = "{form:12}{name:62}{cik:12}{day:12}edgar/data/{cik}/{number}.txt\n"


@pytest.fixture(scope="module")
def recorded() -> Iterator[HTTPServer]:
    """A server that has what was recorded, and nothing else."""
    with HTTPServer() as server:
        server.no_handler_status_code = 404
        for path in (DATA / "sec_2026" / "submissions").glob("*.json"):
            server.expect_request(f"/submissions/{path.name}").respond_with_data(
                path.read_bytes(), content_type="application/json"
            )
        for address, name in BOARDS.items():
            server.expect_request(address).respond_with_data(
                (DATA / "ats_jobs_midat" / "fixtures" / name).read_bytes(),
                content_type="application/json",
            )
        serve_forms(server)
        yield server


def serve_forms(server: HTTPServer) -> None:
    """The recorded Form Ds as filed on Wednesday before the list week, and that day's index."""
    folder, day, lines = "/Archives/edgar/daily-index/2026/", "20260701", ""
    for name, number in NUMBERS.items():
        xml = (DATA / "sec_formd_xml" / name).read_bytes()
        form, cik = (tagged(xml, tag) for tag in ("submissionType", "cik"))
        lines += LISTED.format(form=form, name="-", cik=cik, day=day, number=number)
        server.expect_request(f"/Archives/edgar/data/{cik}/{number}.txt").respond_with_data(
            f"<ACCEPTANCE-DATETIME>{day}120000\nACCESSION NUMBER: {number}\n"
            f"FILED AS OF DATE: {day}\n<XML>\n".encode()
            + xml
            + b"\n</XML>\n",
            content_type="text/plain",
        )
    for quarter, names in {"QTR2": [], "QTR3": [f"form.{day}.idx"]}.items():
        server.expect_request(f"{folder}{quarter}/index.json").respond_with_json(
            {"directory": {"item": [{"name": name} for name in names]}}
        )
    server.expect_request(f"{folder}QTR3/form.{day}.idx").respond_with_data(
        lines, content_type="text/plain"
    )


def tagged(xml: bytes, tag: str) -> str:
    """What the first element of this name holds."""
    found = re.search(rf"<{tag}>(.*?)</{tag}>".encode(), xml)
    assert found
    return found[1].decode()


@pytest.fixture(scope="module")
def public(recorded: HTTPServer, tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """What the command publishes of a copy of the example with other addresses."""
    folder = tmp_path_factory.mktemp("public")
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    sources = folder / "sources.yml"
    text, server = sources.read_text(), recorded.url_for("").rstrip("/")
    sources.write_text(re.sub(r"https://[\w.-]+", server, text))
    settings = Settings(folder / "home", sources, folder / "perfect_customer.yml", WEEK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEC_USER_AGENT", AGENT)
        ending = prospects(settings, "run", "--week", WEEK, "--fetch")
    assert ending.code == 0, ending.err
    return Publication(settings, WEEK)


@pytest.fixture(scope="module")
def filed() -> dict[str, list[dict[str, Any]]]:
    """By company of EDGAR: its recorded 8-Ks of the last 730 days, with their items as a list."""
    found = {}
    for path in (DATA / "sec_2026" / "submissions").glob("*.json"):
        answer = json.loads(path.read_text())
        recent = answer["filings"]["recent"]
        rows = [dict(zip(recent, row, strict=True)) for row in zip(*recent.values(), strict=True)]
        found[f"{int(answer['cik']):010}"] = [
            {**row, "items": row["items"].split(","), "day": date.fromisoformat(row["reportDate"])}
            for row in rows
            if row["form"].startswith("8-K")
            and date.fromisoformat(row["reportDate"]) >= WEEK - timedelta(days=730)
        ]
    return found


def test_what_the_environment_holds_is_in_no_file(
    public: Publication, recorded: HTTPServer
) -> None:
    """Whom the SEC may write to was sent with each request, and is in nothing that a run leaves:
    no batch, no history of Dagster, no page, no mart."""
    asked = {request.headers["User-Agent"] for request, _ in recorded.log if "CIK" in request.path}
    kept = tree(public.settings.home)

    assert asked == {AGENT}
    assert {Path(name).suffix for name in kept} >= {".html", ".db", ".duckdb", ".json", ".parquet"}
    assert not [name for name, content in kept.items() if AGENT.encode() in content]


def test_every_source_lands_what_was_recorded(public: Publication, recorded: HTTPServer) -> None:
    """What wasn't recorded is set aside: the submissions of two companies, and the set."""
    landed = public.ask("select source, table_name, rows, rejects from source_batches order by all")
    missing = {request.path for request, answer in recorded.log if answer.status_code != 200}

    assert [tuple(row.values()) for row in landed] == [
        ("edgar", "companies", 12, 2),
        ("edgar", "signals", 407, 0),
        ("postings", "signals", 4, 0),
        ("raises", "companies", 1, 0),
        ("raises", "contacts", 7, 0),
        ("raises", "signals", 1, 1),
        ("watched", "companies", 14, 0),
    ]
    assert missing == {
        "/submissions/CIK0000891103.json",
        "/submissions/CIK0001653482.json",
        "/files/structureddata/data/form-d-data-sets/2026q3_d.zip",
    }


@pytest.mark.usefixtures("public")
def test_the_sec_is_told_who_asks(recorded: HTTPServer) -> None:
    """By what stands in the environment; the boards aren't."""
    not_told = {r.path for r, _ in recorded.log if r.headers["User-Agent"] != AGENT}

    assert not_told == set(BOARDS)


def test_what_was_filed_is_counted_as_recorded(
    public: Publication, filed: dict[str, list[dict[str, Any]]]
) -> None:
    """Acquisitions and executives of each company, counted anew from its submissions."""
    accounts = public.ask("""
        select name, cik, acquisitions_24_months, incidents_12_months, last_executive_change_date
        from accounts where acquisitions_24_months is not null order by name
    """)

    assert len(accounts) == 12
    for account in accounts:
        rows = filed[account["cik"]]
        changes = [row["day"] for row in rows if "5.02" in row["items"]]
        bought = [row for row in rows if "2.01" in row["items"]]
        assert account["acquisitions_24_months"] == len(bought), account
        assert account["last_executive_change_date"] == max(changes), account
    assert {
        a["name"]: a["acquisitions_24_months"] for a in accounts if a["acquisitions_24_months"]
    } == {
        "Herc Holdings": 1,
        "Intel": 2,
    }
    assert {account["incidents_12_months"] for account in accounts} == {0}


def test_who_filed_something_telling_is_listed_for_it(public: Publication) -> None:
    """Eight of the twelve, each with a filing as its reason; their people are not known."""
    listed = public.ask(
        "select name, tier, people_coverage_score from target_accounts order by rank"
    )
    reasons = public.ask("""
        select name, evidence, evidence_source
        from target_account_reasons join target_accounts using (account_id)
        where leg = 'issue' and points > 0
    """)

    assert [(row["name"], row["tier"]) for row in listed] == [
        ("Intel", "A"),
        ("Cisco", "B"),
        ("Nike", "B"),
        ("Oracle", "B"),
        ("3M", "B"),
        ("Herc Holdings", "B"),
        ("Kraft Heinz", "B"),
        ("Mattel", "B"),
    ]
    assert {row["people_coverage_score"] for row in listed} == {0}
    assert {row["name"] for row in reasons} == {row["name"] for row in listed}
    assert {row["evidence_source"] for row in reasons} == {"edgar"}
    assert {row["evidence"] for row in reasons if row["name"] == "Intel"} == {
        "filing: acquisition or disposal completed",
        "filing: executive or director change",
    }


def test_who_is_bankrupt_is_qualified_out(public: Publication) -> None:
    """One of the watched companies filed for it in the year before."""
    assert public.ask("""
        select name, last_bankruptcy_date from accounts join account_scores using (account_id)
        where outcome = 'qualified_out'
    """) == [{"name": "Nikola", "last_bankruptcy_date": date(2025, 2, 18)}]


def test_who_raised_money_comes_with_its_people(public: Publication) -> None:
    """All roles are held; since it first sold in 2017, nothing speaks for calling now."""
    (account,) = public.ask("""
        select scores.*, accounts.last_funding_date
        from account_scores as scores join accounts using (account_id)
        where cik = '0001544190'
    """)
    people = public.ask(
        "select reachable_by, email, phone, unnest(role_ids) as role from contacts"
        " where account_id = $account",
        account=account["account_id"],
    )

    assert public.values("select count(*) from contacts") == [7]
    assert sorted(row["role"] for row in people) == sorted(
        ["finance_chief", "chief_executive", *["executive"] * 4, *["board"] * 4]
    )
    assert {(row["reachable_by"], row["email"], row["phone"]) for row in people} == {
        ("company_phone", None, None)
    }
    assert account["last_funding_date"] == date(2017, 3, 16)
    assert (account["people_coverage_score"], account["issue_urgency_score"]) == (100, 0)
    assert account["outcome"] == "below_line"
    assert {r["reason_id"]: r["points"] for r in account["reasons_earned"]} == {
        "home_market": Decimal(5),
        "raised_enough": Decimal(10),
        "finance_chief": Decimal(40),
        "chief_executive": Decimal(25),
        "executive": Decimal(20),
        "board": Decimal(15),
    }


def test_who_hires_is_known_by_its_board(public: Publication) -> None:
    """Two openings each; what they filed is unknown, since it wasn't recorded."""
    assert public.ask("""
        select name, count(*) as postings, any_value(last_posting_date) as newest,
            any_value(acquisitions_24_months) as acquisitions
        from signals join accounts using (account_id)
        where signals.source = 'postings' group by name order by name
    """) == [
        {"name": "GitLab", "postings": 2, "newest": date(2026, 5, 29), "acquisitions": None},
        {"name": "Match Group", "postings": 2, "newest": date(2026, 5, 19), "acquisitions": None},
    ]
