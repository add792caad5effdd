"""Names of companies and people are hostile text in every kind of file."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.publishing.pages import script, web_address
from orchestration.publishing.people_files import formula_safe
from tests.support.publications import publish_week, settings_in
from tests.support.warehouse import HOSTILE_NAME

PAYLOADS = [
    "=1+1",
    "+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    "\r=1",
    " =1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_week(settings_in(tmp_path_factory.mktemp("home")))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_formulas_are_disarmed_for_people(payload: str) -> None:
    """A spreadsheet shows the text instead of running it."""
    frame = formula_safe(pl.DataFrame({"name": [payload], "points": [-2.0]}))

    assert frame.row(0) == (f"'{payload}", -2.0)


@given(st.text(max_size=20))
def test_harmless_text_is_left_alone(text: str) -> None:
    """The text is unchanged or has one apostrophe before it, nothing else."""
    (safe,) = formula_safe(pl.DataFrame({"name": [text]}, schema={"name": pl.String}))["name"]

    assert safe in (text, f"'{text}")
    assert not re.match(r"[=+\-@\t\r\n]", safe)


def test_files_for_people_open_in_a_spreadsheet(version: Path) -> None:
    """They begin with a byte order mark, quote every field and disarm names."""
    content = (version / "target_accounts.csv").read_bytes()

    assert content.startswith(b"\xef\xbb\xbf")
    assert all(line.startswith(b'"') for line in content[3:].splitlines())
    assert rows(version / "target_accounts.csv")[1]["name"] == f"'{HOSTILE_NAME}"


def test_files_for_machines_are_plain(version: Path) -> None:
    """No mark, no added apostrophe, CRLF, ISO countries, phones as they are."""
    content = (version / "import" / "contacts.csv").read_bytes()
    (account,) = rows(version / "import" / "accounts.csv")
    (contact,) = rows(version / "import" / "contacts.csv")

    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n")
    assert (account["external_id"], account["country"]) == ("a1", "DE")
    assert contact["phone"] == "+49 221 12"


def test_what_cannot_be_imported_is_listed_with_its_reason(version: Path) -> None:
    """One row per domain, and no formulas; the rest is in the rejects."""
    rejects = {row["external_id"]: row["reason"] for row in rows(version / "import/rejects.csv")}

    assert rejects == {
        "a2": "name begins like a formula: correct it in its source",
        "a6": "domain is taken by rank 1: one row per domain",
        "crm:p3": "company_name begins like a formula: correct it in its source",
        "crm:p2": "full_name begins like a formula: correct it in its source",
    }


def test_the_report_runs_and_loads_nothing(version: Path) -> None:
    """Markup in names is text, only web addresses are links, nothing is fetched, and the one script
    is the page's own."""
    page = (version / "report.html").read_text()

    assert page.count("<script") == 1
    assert str(script("report.js").text) in page
    assert "&lt;script&gt;" in page
    assert "javascript:" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"\b(src|srcset)=|@import|url\(", page)
    assert "Made-up data" in page


def test_the_gate_page_escapes_what_was_found(version: Path) -> None:
    """Findings are text as well."""
    assert "Signals &lt;fell&gt;." in (version / "gate.html").read_text()


def test_suppressed_accounts_are_in_no_list_file(version: Path) -> None:
    """Neither the CSV files nor the report name a suppressed account; the review of open deals is
    no list."""
    lists = {*version.rglob("*.csv")} - {version / "pipeline_review.csv"}
    files = [*lists, version / "report.html"]

    assert not [path for path in files if "customer.example" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("address", "is_link"),
    [
        ("https://firm.example/a", True),
        ("http://firm.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//firm.example", False),
        ("https://[", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address: str | None, is_link: bool) -> None:
    """Anything else is shown as text."""
    assert (web_address(address) is not None) is is_link
