"""Whoever asked not to be contacted is in nothing that is published; nor is, as a target, an
account that must be left alone."""

from __future__ import annotations

import re
from hashlib import sha256

import duckdb
import pytest

from tests.pipeline.conftest import Backfill
from tests.support import market as files
from tests.support.runs import Publication

LISTS = ("target_accounts.csv", "target_contacts.csv", "qualified_out.csv")
IMPORTS = ("import/accounts.csv", "import/contacts.csv", "import/rejects.csv")


@pytest.fixture(params=["first", "second"])
def publication(request: pytest.FixtureRequest, second: Publication) -> Publication:
    """Both lists of the sandbox."""
    lists: dict[str, Publication] = {"first": request.getfixturevalue("first"), "second": second}
    return lists[request.param]


@pytest.fixture
def silent_people(publication: Publication) -> set[str]:
    """The e-mails, in lower case, of all who by that week had opted out, in any way to say so."""
    landing, week = publication.settings.landing, publication.week
    contacts = f"from '{landing}/contacts/*/{week}-*/*.parquet' where email is not null"
    asked = f"from '{landing}/suppressions/*/{week}-*/*.parquet'"
    marked = _column(f"select email {contacts} and (is_opted_out or is_do_not_call)")
    named = _column(f"select lower(key) {asked} where key_kind = 'email'")
    hashed = _column(f"select lower(key) {asked} where key_kind = 'email_sha256'")
    everybody = _column(f"select email {contacts}")
    unmasked = {email for email in everybody if sha256(email.encode()).hexdigest() in hashed}
    assert min(len(marked), len(named), len(unmasked)) > 0
    return marked | named | unmasked


def test_silent_people_are_in_no_published_file(
    publication: Publication, silent_people: set[str]
) -> None:
    """Not in a list, not in a report, not in a mart: their address occurs nowhere."""
    found = {
        (file, email)
        for file, text in publication.text().items()
        for email in silent_people
        if email in text
    }
    assert found == set()


def test_suppressed_accounts_are_in_no_list(publication: Publication) -> None:
    """Neither their id nor their domain is a cell of a list or import file, or in the report.

    A domain that a source gives to another firm too is that one's as well.
    """
    suppressed = publication.ask("""
        select account_id, domain from accounts join account_scores using (account_id)
        where outcome = 'suppressed'
    """)
    others = publication.values("""
        select domain from accounts join account_scores using (account_id)
        where outcome <> 'suppressed' and domain is not null
    """)
    named = {value for row in suppressed for value in row.values() if value} - set(others)
    cells = {
        cell
        for name in (*LISTS, *IMPORTS)
        for column in publication.csv(name)
        for cell in column
        if cell is not None
    }
    report = set(re.split(r"[<>\s]+", publication.text()["report.html"]))
    assert len(named) > len(suppressed)
    assert named & (cells | report) == set()


def test_people_at_suppressed_accounts_are_in_no_list(publication: Publication) -> None:
    """No contact of theirs is in a file that somebody would write to."""
    emails = set(
        publication.values("""
            select email from contacts join account_scores using (account_id)
            where outcome = 'suppressed' and email is not null
        """)
    )
    text = publication.text()
    exposed = {
        email
        for name in (*LISTS, *IMPORTS, "changes.csv", "report.html")
        for email in emails
        if email in text[name]
    }
    assert exposed == set()


@pytest.mark.parametrize(
    "email",
    [
        pytest.param(files.person("headcount", 1), id="opted out in the newest batch only"),
        pytest.param(files.person("headcount", 2), id="asked by hashed address last week"),
        pytest.param(files.person("headcount", 4), id="marked do not call"),
    ],
)
def test_an_opt_out_holds_for_every_week(backfill: Backfill, email: str) -> None:
    """Also for a back-filled week, whose own batch says nothing of it: the newest state wins."""
    for publication in (backfill.running, backfill.earlier):
        assert [name for name, text in publication.text().items() if email in text] == []
        assert files.person("headcount", 3) in publication.text()["target_contacts.csv"]


def test_a_later_do_not_contact_holds_for_an_earlier_week(backfill: Backfill) -> None:
    """A company that asked last week is suppressed in the list of the week before too."""
    for publication in (backfill.running, backfill.earlier):
        assert publication.values("""
            select outcome from account_scores join accounts using (account_id)
            where domain = 'objector-fictive.com'
        """) == ["suppressed"]
        text = publication.text()
        assert not [name for name in (*LISTS, *IMPORTS, "report.html") if "objector" in text[name]]


def test_an_earlier_batch_did_not_know_of_them(backfill: Backfill) -> None:
    """The batches of the back-filled week hold neither opt-out, so these tests prove something."""
    landing = backfill.market.settings.landing
    used = {
        batch["table_name"]: landing / batch["table_name"] / batch["source"] / batch["batch_id"]
        for batch in backfill.earlier.manifest()["batches"]
        if batch["table_name"] in ("contacts", "suppressions")
    }
    assert _column(f"select key from '{used['suppressions']}/data.parquet'") == {
        "customer-fictive.com"
    }
    assert files.person("headcount", 1) not in _column(
        f"select email from '{used['contacts']}/data.parquet' where is_opted_out"
    )


def _column(query: str) -> set[str]:
    with duckdb.connect() as connection:
        return {value for (value,) in connection.execute(query).fetchall()}
