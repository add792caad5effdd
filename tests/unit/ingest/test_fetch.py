"""Fetching a source: everything it gives lands, or nothing, and no secret is left anywhere."""

from __future__ import annotations

import logging
import re
import traceback
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest import landing
from ingest.batches import Batch, batches
from ingest.documents.sources import load_sources
from ingest.errors import MissingSecret, ProspectError, SourceNotFound, SourceRejected
from ingest.fetch import Fetched, fetch_source
from orchestration.run_lock import run_lock
from tests.support.landing import WEEK, settings_in, tree

CANARY = "CANARY-77b1e0"
FILES = """
sources:
  drops:
    connector: files
    tables:
      companies: {{url: {companies}, columns: {{source_company_id: ID, name: Name}}}}
      contacts: {{url: {contacts}, columns: {{source_contact_id: ID, full_name: Name}}}}
"""
CRM = "sources: {{crm: {{connector: hubspot, base_url: '{url}', token: '${{CRM_TOKEN}}'}}}}"
SANDBOX = "sources: {crm: {connector: hubspot, base_url: 'sandbox://hubspot'}}"


def fetch(folder: Path, document: str, week: date = WEEK) -> Fetched:
    """Fetch the only source of a document."""
    settings = settings_in(folder)
    settings.sources.write_text(document)
    (source,) = load_sources(settings.sources).sources
    return fetch_source(settings, source, week)


def drop(server: HTTPServer, name: str, text: str) -> str:
    """A file on the server."""
    server.expect_request(f"/{name}").respond_with_data(text, content_type="text/csv")
    return server.url_for(f"/{name}")


def test_every_table_lands_stamped_with_the_week(httpserver: HTTPServer, tmp_path: Path) -> None:
    """One batch per table, and an empty one for a file without rows."""
    companies = drop(httpserver, "companies.csv", "ID,Name\n1,Acme\n2,Bolt\n")
    contacts = drop(httpserver, "contacts.csv", "ID,Name\n")

    landed = fetch(tmp_path, FILES.format(companies=companies, contacts=contacts))

    assert [(b.table, b.rows, b.week, b.made_up) for b in landed.batches] == [
        ("companies", 2, WEEK, False),
        ("contacts", 0, WEEK, False),
    ]


LIST = """
sources:
  do_not_contact:
    connector: files
    required: {required}
    tables:
      suppressions:
        url: {url}
        columns: {{key_kind: Kind, key: Key, reason: {{const: do_not_contact}}}}
"""


@pytest.mark.parametrize(
    "text", ["Kind,Key\n", "Kind,Key\ndomain,nobody\n", ""], ids=["header", "unreadable", "0 bytes"]
)
def test_a_required_list_that_names_nobody_does_not_land(
    httpserver: HTTPServer, tmp_path: Path, text: str
) -> None:
    """The newest list counts for every week, so the last good one must stay the newest."""
    full = drop(httpserver, "full.csv", "Kind,Key\ndomain,acme.com\n")
    fetch(tmp_path, LIST.format(required="true", url=full))
    before = tree(tmp_path / "landing")

    with pytest.raises(SourceRejected, match=r"source do_not_contact: .*expected at least"):
        fetch(tmp_path, LIST.format(required="true", url=drop(httpserver, "empty.csv", text)))
    assert tree(tmp_path / "landing") == before


def test_a_list_that_is_not_required_may_be_empty(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Before there is anybody to leave alone."""
    empty = drop(httpserver, "empty.csv", "Kind,Key\n")

    (batch,) = fetch(tmp_path, LIST.format(required="false", url=empty)).batches

    assert batch.rows == 0


def test_a_fetch_tells_what_asking_took(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Requests, retries, bytes and seconds of the whole source, to be watched over the weeks."""
    httpserver.expect_oneshot_request("/companies.csv").respond_with_data(status=503)
    companies = drop(httpserver, "companies.csv", "ID,Name\n1,Acme\n")
    contacts = drop(httpserver, "contacts.csv", "ID,Name\n")

    traffic = fetch(tmp_path, FILES.format(companies=companies, contacts=contacts)).traffic

    assert (traffic.requests, traffic.retries) == (3, 1)
    assert traffic.bytes == len("ID,Name\n1,Acme\n" + "ID,Name\n")
    assert traffic.seconds > 0


def test_a_source_that_fails_half_way_lands_nothing(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Companies of this week beside contacts of the last would be a mix."""
    companies = drop(httpserver, "companies.csv", "ID,Name\n1,Acme\n")
    httpserver.expect_request("/gone.csv").respond_with_data("", status=404)
    document = FILES.format(companies=companies, contacts=httpserver.url_for("/gone.csv"))

    with pytest.raises(SourceNotFound):
        fetch(tmp_path, document)

    assert batches(settings_in(tmp_path)) == []
    assert set(tree(tmp_path)) == {"sources.yml"}


def test_a_table_that_cannot_be_written_is_told_and_mended_by_the_next_fetch(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables are written side by side; what fails in one is told as it is, and nothing half is
    left of any."""
    document = FILES.format(
        companies=drop(httpserver, "companies.csv", "ID,Name\n1,One\n"),
        contacts=drop(httpserver, "contacts.csv", "ID,Name\n1,Ann\n"),
    )
    write_batch = landing._write_batch

    def without_room(folder: Path, batch: Batch, *rest: Any) -> None:
        if batch.table == "contacts":
            raise OSError("no room")
        write_batch(folder, batch, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(landing, "_write_batch", without_room)
        with pytest.raises(OSError, match=r"^no room$"):
            fetch(tmp_path, document)
    settings = settings_in(tmp_path)
    assert not list(settings.landing.rglob(".*"))
    assert {batch.table for batch in batches(settings)} == {"companies"}

    fetch(tmp_path, document)
    assert {batch.table for batch in batches(settings)} == {"companies", "contacts"}


def test_who_stops_a_fetch_need_not_wait_for_what_is_being_written(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every table is told to end; what landed by then is whole, and nothing else is left."""
    document = FILES.format(
        companies=drop(httpserver, "companies.csv", "ID,Name\n1,One\n"),
        contacts=drop(httpserver, "contacts.csv", "ID,Name\n1,Ann\n"),
    )
    given_up = []

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ingest.fetch.wait", interrupted)
    monkeypatch.setattr(landing.Spool, "give_up", lambda spool: given_up.append(spool))
    with pytest.raises(KeyboardInterrupt):
        fetch(tmp_path, document)

    settings = settings_in(tmp_path)
    assert len(given_up) == 2
    assert not list(settings.landing.rglob(".*"))
    assert all(landing.is_whole(settings, batch) for batch in batches(settings))


def test_a_secret_in_an_address_is_in_no_message(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some vendors want it in the path; what went wrong is told without it."""
    monkeypatch.setenv("DROP_KEY", f"{CANARY} ä")
    httpserver.expect_request(re.compile(".*")).respond_with_data("", status=404)
    document = FILES.format(
        companies=f"'{httpserver.url_for('/')}${{DROP_KEY}}/companies.csv'",
        contacts=httpserver.url_for("/contacts.csv"),
    )

    with pytest.raises(SourceNotFound, match=r"source drops: .*…/companies\.csv") as error:
        fetch(tmp_path, document)

    assert CANARY not in "".join(traceback.format_exception(error.value))


ADDRESSES = [
    pytest.param("${DROP}", "{base}/d/{canary}/list.csv?dl=1", id="path"),
    pytest.param("${DROP}", "{base}/list.csv?dl=1&key={canary}#top", id="query"),
    pytest.param("${DROP}", "{base}/d/{canary}.csv?dl=1", id="file"),
    pytest.param("{base}/${DROP}", "d/{canary}/list.csv?dl=1", id="without a host"),
    pytest.param("{base}/list.csv?${DROP}", "dl=1&key={canary}", id="query alone"),
]


@pytest.mark.parametrize(("url", "value"), ADDRESSES)
@pytest.mark.parametrize(
    ("kind", "text"),
    [("html", "{path} {key}"), ("csv", "Kind,Key\n{path}"), ("csv", "{path},{key}")],
    ids=["web page", "bad row", "other columns"],
)
def test_nothing_of_an_address_of_the_environment_is_left_but_its_host(
    httpserver: HTTPServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    value: str,
    kind: str,
    text: str,
) -> None:
    """Messages cut it, files are named by it, and a page repeats what it was asked with."""
    base = httpserver.url_for("").rstrip("/")
    monkeypatch.setenv("DROP", value.format(base=base, canary=CANARY))

    def answer(request: Request) -> Response:
        repeated = text.format(path=request.full_path, key=request.args.get("key"))
        return Response(repeated, content_type=f"text/{kind}")

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    document = LIST.format(required="true", url=f"'{url.replace('{base}', base)}'")

    with pytest.raises(SourceRejected) as error:
        fetch(tmp_path, document)

    left = b"".join(tree(tmp_path).values()).decode(errors="replace")
    told = "".join(traceback.format_exception(error.value))
    assert CANARY not in f"{told}{left}"
    assert kind == "csv" or base in told


def test_a_file_is_read_whose_name_in_the_address_is_a_long_key(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """No file can be called so, and an error of the file system would tell it."""
    address = drop(httpserver, CANARY * 20, "Kind,Key\ndomain,acme.com\n")
    document = LIST.format(required="true", url=f"{address}\n        format: csv")

    (batch,) = fetch(tmp_path, document).batches

    assert batch.rows == 1


def test_a_row_that_is_set_aside_does_not_tell_the_address(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rejects are shown in messages, on pages and on the terminal."""
    monkeypatch.setenv("DROP", httpserver.url_for(f"/{CANARY}.csv?dl=1"))
    drop(httpserver, f"{CANARY}.csv", "Kind,Key\ndomain,acme.com\ndomain,nobody\n")

    (batch,) = fetch(tmp_path, LIST.format(required="true", url="${DROP}")).batches

    rejects = pl.read_parquet(batch.rejected(settings_in(tmp_path)))
    assert rejects["file"].to_list() == ["…"]
    assert rejects["line"].to_list() == [3]


def test_a_web_page_in_place_of_data_is_kept_to_be_looked_at(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the secrets that it may repeat, and as text that no browser runs."""
    monkeypatch.setenv("CRM_TOKEN", CANARY)

    def portal(request: Request) -> Response:
        page = f"<html>Log in, {request.headers['Authorization']}{' ' * 1_000_000}</html>"
        return Response(page, content_type="text/html")

    httpserver.expect_request("/crm/v3/objects/companies").respond_with_handler(portal)

    with pytest.raises(SourceRejected, match=r"page instead of data.* rejects/pages/crm\.txt$"):
        fetch(tmp_path, CRM.format(url=httpserver.url_for("").rstrip("/")))

    kept = (tmp_path / "rejects" / "pages" / "crm.txt").read_text()
    assert kept.startswith("<html>Log in, Bearer …")
    assert len(kept) < 300_000


def test_what_a_killed_run_downloaded_is_gone_with_the_next(tmp_path: Path) -> None:
    """It lies in the home, where the next run sees to it, and in no folder of others."""
    settings = settings_in(tmp_path)
    left = settings.scratch / "fetch-killed" / "contacts.csv"
    left.parent.mkdir(parents=True)
    left.write_text("ada@nordlicht.example")

    with run_lock(settings, WEEK):
        assert not left.exists()

    assert settings.lock.read_text() == ""


def test_a_missing_secret_is_said_before_any_request(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable and the source are named."""
    monkeypatch.delenv("CRM_TOKEN", raising=False)

    with pytest.raises(MissingSecret, match=r"source crm: .*CRM_TOKEN"):
        fetch(tmp_path, CRM.format(url=httpserver.url_for("")))

    assert httpserver.log == []


def test_a_secret_is_in_no_log_file_or_message(
    httpserver: HTTPServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A canary for a token: sent, and found nowhere else, after success and after refusal."""
    monkeypatch.setenv("CRM_TOKEN", CANARY)
    caplog.set_level(logging.DEBUG)
    document = CRM.format(url=httpserver.url_for("").rstrip("/"))
    httpserver.expect_oneshot_request("/crm/v3/objects/companies").respond_with_data(status=401)
    with pytest.raises(SourceRejected, match="check `token` of crm") as refusal:
        fetch(tmp_path, document)
    httpserver.expect_request(
        re.compile("/crm/v3/.*"), headers={"Authorization": f"Bearer {CANARY}"}
    ).respond_with_json({"results": []})

    landed = fetch(tmp_path, document)

    everything = b"".join(tree(tmp_path).values()).decode(errors="replace")
    assert landed.batches
    assert CANARY not in everything
    assert CANARY not in f"{refusal.getrepr(style='long', showlocals=False)}{caplog.text}"


def test_the_sandbox_is_marked_as_made_up_and_has_its_truth(tmp_path: Path) -> None:
    """Nothing made up may pass for real."""
    landed = fetch(tmp_path, f"sandbox: {{companies: 60, seed: 7}}\n{SANDBOX}")

    truth = pl.read_parquet(tmp_path / "sandbox" / "truth.parquet")
    assert landed.batches
    assert all(batch.made_up for batch in landed.batches)
    assert truth.columns == ["source", "source_company_id", "true_company_id", "would_buy"]


def test_fetching_the_sandbox_twice_changes_nothing(tmp_path: Path) -> None:
    """The same week answers the same, however often it is asked."""
    document = f"sandbox: {{companies: 60, seed: 7}}\n{SANDBOX}"
    fetch(tmp_path, document)
    before = tree(tmp_path / "landing")

    fetch(tmp_path, document)

    assert tree(tmp_path / "landing") == before


def test_a_sandbox_without_a_size_is_said(tmp_path: Path) -> None:
    """One line that says what to add."""
    with pytest.raises(ProspectError, match=r"sandbox: \{companies: 5000, seed: 7\}"):
        fetch(tmp_path, SANDBOX)
