"""Names that a spreadsheet would run, from the vendor's file to each published file."""

from __future__ import annotations

import pytest

from tests.pipeline.conftest import Backfill
from tests.support.market import HOSTILE_NAMES, domain
from tests.support.runs import Publication, prospects

DOMAINS = [domain(f"hostile-{number}") for number, _ in enumerate(HOSTILE_NAMES, start=1)]
DEFUSED = {f"'{name}" for name in HOSTILE_NAMES}


@pytest.fixture
def publication(backfill: Backfill) -> Publication:
    """A list whose first four accounts have such names."""
    assert backfill.running.values("select domain from target_accounts order by rank limit 4") == (
        DOMAINS
    )
    return backfill.running


def test_marts_keep_the_name_as_it_is(publication: Publication) -> None:
    """What is stored is the truth; only files for spreadsheets are changed."""
    names = publication.values("select name from target_accounts order by rank limit 4")
    assert names == list(HOSTILE_NAMES)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("target_accounts.csv", "name"),
        ("changes.csv", "name"),
        ("target_contacts.csv", "company_name"),
    ],
)
def test_files_for_people_are_defused(publication: Publication, name: str, column: str) -> None:
    """Every such name is led by an apostrophe, and no text cell begins like a formula."""
    rows = publication.csv(name)
    assert set(rows[column]) >= DEFUSED
    cells = [cell for values in rows for cell in values if cell]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_import_files_reject_them(publication: Publication) -> None:
    """A changed name would break matching, so the rows are set aside with the reason."""
    accepted = publication.csv("import/accounts.csv")
    assert set(accepted["domain"]) & set(DOMAINS) == set()
    assert not accepted.is_empty()
    rejects = publication.csv("import/rejects.csv")
    accounts = rejects.filter(rejects["file"] == "accounts")
    assert list(accounts["domain"]) == DOMAINS
    assert all("name begins like a formula" in reason for reason in accounts["reason"])


def test_contacts_of_such_companies_are_rejected_for_import(publication: Publication) -> None:
    """The name of the company stands in their rows too."""
    contacts = publication.csv("import/contacts.csv")
    assert set(contacts["domain"]) & set(DOMAINS) == set()
    assert not contacts.is_empty()


def test_the_report_shows_them_as_text(publication: Publication) -> None:
    """Quotes and signs are escaped."""
    report = (publication.folder / "report.html").read_text(encoding="utf-8")
    assert "=HYPERLINK(&#34;http://evil.example&#34;;&#34;x&#34;)" in report
    assert HOSTILE_NAMES[0] not in report


def test_the_list_as_csv_is_defused_too(backfill: Backfill) -> None:
    """What is piped from the terminal into a file is opened in a spreadsheet just as well."""
    ending = prospects(backfill.market.settings, "list", "--format", "csv")
    assert '"\'+Plus AG"' in ending.out
