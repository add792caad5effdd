"""What the daemon looks at: dropped files ask for a run once, failures are told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from pytest_httpserver import HTTPServer

from expectations.results import Finding, GateResults
from ingest.documents.sources import load_sources
from ingest.errors import SourceRejected
from ingest.settings import latest_monday
from orchestration.instance import dagster_instance
from orchestration.publishing.gate_page import GateRefused
from orchestration.sensors import MOST_ATTEMPTS, all_sensors
from orchestration.webhook import VARIABLE
from tests.support.landing import settings_in
from tests.support.sources import write

SECRET = "/services/CANARY-77b1e0"
WEEK = "2026-11-23"
SOURCES = """
sources:
  drops:
    connector: files
    tables:
      companies: {path: drops/companies-*.csv, columns: {source_company_id: ID}}
      contacts: {path: "drops/**/people.csv", columns: {source_contact_id: ID}}
      owners: {url: "https://vendor.example/owners.csv", columns: {source_owner_id: ID}}
  intent: {connector: bombora, path: intent/*.csv}
  postings: {connector: job_boards, boards: boards.csv}
  secret: {connector: bombora, path: "${DROP_FOLDER}/*.csv"}
"""
FILES = {
    "a file by a pattern": "drops/companies-2026-11-23.csv",
    "a file in a folder below": "drops/new/people.csv",
    "an intent file": "intent/surge.csv",
    "the list of boards": "boards.csv",
}


class Watcher:
    """One sensor, looking again and again with what it remembers from the last look."""

    def __init__(self, folder: Path, name: str, instance: dg.DagsterInstance | None = None) -> None:
        settings = settings_in(folder)
        settings.sources.write_text(SOURCES, encoding="utf-8")
        sources = load_sources(settings.sources)
        self._sensor = {s.name: s for s in all_sensors(settings, sources)}[name]
        self._instance = instance
        self.cursor: str | None = None
        self.said = ""

    def look(self) -> list[dg.RunRequest]:
        """The runs that a look asks for."""
        context = dg.build_sensor_context(instance=self._instance, cursor=self.cursor)
        result = self._sensor(context)
        self.cursor = result.cursor
        self.said = result.skip_reason.skip_message if result.skip_reason else ""
        return list(result.run_requests or [])


@pytest.fixture
def drops(tmp_path: Path) -> Watcher:
    """The sensor of dropped files after its first look, at one file that was there before."""
    write(tmp_path, "drops/companies-2026-11-16.csv", "ID", "1")
    watcher = Watcher(tmp_path, "dropped_files")
    assert watcher.look() == []
    return watcher


def test_what_lies_there_at_the_start_asks_for_nothing(drops: Watcher) -> None:
    """Switching the sensor on is no reason for a run."""
    assert [drops.look(), drops.look()] == [[], []]


@pytest.mark.parametrize("name", FILES.values(), ids=FILES)
def test_a_new_file_asks_for_the_running_week(drops: Watcher, tmp_path: Path, name: str) -> None:
    """Once, and only when two looks saw it alike."""
    write(tmp_path, name, "ID", "1")
    assert drops.look() == []

    (request,) = drops.look()

    assert request.partition_key == f"{latest_monday(datetime.now(UTC).date())}"
    assert request.tags["prospects/dropped"] == name
    assert [drops.look(), drops.look()] == [[], []]


def test_a_changed_file_asks_again(drops: Watcher, tmp_path: Path) -> None:
    """With a run key of its own, which Dagster starts only once."""
    keys = []
    for rows in (["1"], ["1", "2"]):
        write(tmp_path, "boards.csv", "ID", *rows)
        drops.look()
        keys += [request.run_key for request in drops.look()]

    assert len(set(keys)) == len(keys) == 2


def test_the_same_files_have_the_same_run_key(tmp_path: Path) -> None:
    """Two sensors, or one that forgot everything, ask for one run together."""
    write(tmp_path, "boards.csv", "ID", "1")
    keys = set()
    for _ in range(2):
        watcher = Watcher(tmp_path, "dropped_files")
        watcher.cursor = '{"known": {}, "seen": {}}'
        watcher.look()
        keys |= {request.run_key for request in watcher.look()}

    assert len(keys) == 1


def test_a_file_that_grows_is_waited_for(drops: Watcher, tmp_path: Path) -> None:
    """Half a file is never listed."""
    for rows in range(4):
        write(tmp_path, "boards.csv", *["1"] * (rows + 1))
        assert drops.look() == []
        assert "boards.csv" in drops.said

    assert len(drops.look()) == 1


@pytest.mark.parametrize("name", ["boards.csv", "drops/.companies-1.csv"])
def test_an_empty_or_hidden_file_is_not_there_yet(
    drops: Watcher, tmp_path: Path, name: str
) -> None:
    """Programs that copy files make such ones first."""
    lines = ["ID"] if "." in Path(name).name[:1] else []
    write(tmp_path, name, *lines)

    assert [drops.look(), drops.look()] == [[], []]


def test_a_file_that_comes_back_unchanged_is_no_news(drops: Watcher, tmp_path: Path) -> None:
    """A network drive that is away for a while starts nothing."""
    (tmp_path / "drops").rename(tmp_path / "away")
    assert [drops.look(), drops.look()] == [[], []]
    (tmp_path / "away").rename(tmp_path / "drops")

    assert [drops.look(), drops.look()] == [[], []]


def test_a_place_that_cannot_be_looked_at_is_said(drops: Watcher, tmp_path: Path) -> None:
    """The sensor goes on, and remembers what it knew."""
    before = drops.cursor
    write(tmp_path, "intent/surge.csv", "ID")
    (tmp_path / "intent/loop.csv").symlink_to("loop.csv")

    assert drops.look() == []
    assert "can't be looked at" in drops.said
    assert drops.cursor == before


def test_a_file_that_nobody_may_read_raises_nothing(drops: Watcher, tmp_path: Path) -> None:
    """What it holds is for the run to find out."""
    write(tmp_path, "boards.csv", "ID", "1").chmod(0)
    drops.look()

    assert len(drops.look()) == 1


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """A real instance, with the configuration that the project writes."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    with dagster_instance(settings_in(tmp_path)) as instance:
        yield instance


@pytest.fixture
def chat(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """A chat that somebody gave the address of."""
    monkeypatch.setenv(VARIABLE, httpserver.url_for(SECRET))
    return httpserver


@pytest.fixture
def notifiers(
    tmp_path: Path, instance: dg.DagsterInstance, chat: HTTPServer
) -> tuple[Watcher, Watcher]:
    """The sensors of failures and of refusals, after their first look."""
    watchers = (Watcher(tmp_path, "failures", instance), Watcher(tmp_path, "refusals", instance))
    for watcher in watchers:
        watcher.look()
    return watchers


def fail(
    instance: dg.DagsterInstance, error: Exception, *, is_daemons: bool = True, **tags: str
) -> None:
    """A run of the daemon, or of `prospects run`, that ends with an error."""

    @dg.op
    def step() -> None:
        raise error

    @dg.job(executor_def=dg.in_process_executor)
    def weekly() -> None:
        step()

    location = RegisteredCodeLocationOrigin("prospects")
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), "weekly")
    run = instance.create_run_for_job(
        weekly,
        tags={"dagster/partition": WEEK, **tags},
        remote_job_origin=origin if is_daemons else None,
        job_code_origin=None,
    )
    execute_run(dg._core.definitions.job_base.InMemoryJob(weekly), run, instance)


def refusal() -> GateRefused:
    """What a gate that found a gap in the ranks raises."""
    finding = Finding("ranks_dense", "departures", "critical", False, "why", "1, 2, 3", "a gap")
    results = GateResults(date.fromisoformat(WEEK), f"{WEEK}-0123456789ab", (finding,))
    return GateRefused(results, Path("refused") / WEEK / "gate.html")


def messages(chat: HTTPServer) -> list[str]:
    """What the chat was told."""
    return [request.json["text"] for request, _ in chat.log]


def test_a_failure_is_told_once(
    instance: dg.DagsterInstance, notifiers: tuple[Watcher, Watcher], chat: HTTPServer
) -> None:
    """By one of the two sensors, with the reason as the step gave it."""
    chat.expect_request(SECRET).respond_with_data("ok")
    fail(instance, SourceRejected("crm", "the answer is no JSON"))
    for watcher in (*notifiers, *notifiers):
        watcher.look()

    (text,) = messages(chat)
    assert text.startswith(f"Failed: list week {WEEK}\nsource crm: the answer is no JSON\n")


def test_a_refusal_is_told_once_and_as_such(
    instance: dg.DagsterInstance, notifiers: tuple[Watcher, Watcher], chat: HTTPServer
) -> None:
    """With the check that failed and the page to open."""
    chat.expect_request(SECRET).respond_with_data("ok")
    fail(instance, refusal())
    for watcher in (*notifiers, *notifiers):
        watcher.look()

    (text,) = messages(chat)
    assert text.startswith(f"Refused: list week {WEEK}\n")
    assert "ranks_dense (a gap)" in text
    assert f"refused/{WEEK}/gate.html" in text


def test_an_unforeseen_error_is_told_by_its_kind(
    instance: dg.DagsterInstance, notifiers: tuple[Watcher, Watcher], chat: HTTPServer
) -> None:
    """Its text could hold a row of data."""
    chat.expect_request(SECRET).respond_with_data("ok")
    fail(instance, KeyError("ann@example.com"))
    notifiers[0].look()

    (text,) = messages(chat)
    assert "KeyError" in text
    assert "ann@example.com" not in text


@pytest.mark.parametrize(
    ("is_daemons", "tags"),
    [
        (False, {}),
        (True, {"dagster/max_retries": "2", "dagster/retry_on_asset_or_op_failure": "true"}),
    ],
    ids=["a run of the command line", "a run that is tried again"],
)
def test_what_others_tell_or_what_is_not_over_is_not_told(
    instance: dg.DagsterInstance,
    notifiers: tuple[Watcher, Watcher],
    chat: HTTPServer,
    is_daemons: bool,
    tags: dict[str, str],
) -> None:
    """`prospects run` posts by itself, and of a run that is tried again the last try counts."""
    fail(instance, refusal(), is_daemons=is_daemons, **tags)
    for watcher in notifiers:
        watcher.look()

    assert chat.log == []


def test_a_webhook_that_is_down_is_tried_a_few_times(
    instance: dg.DagsterInstance, notifiers: tuple[Watcher, Watcher], chat: HTTPServer
) -> None:
    """At a look each, then given up; nothing raises."""
    chat.expect_request(SECRET).respond_with_data("", status=503)
    fail(instance, SourceRejected("crm", "no"))
    for _ in range(MOST_ATTEMPTS + 2):
        notifiers[0].look()

    assert len(chat.log) == MOST_ATTEMPTS
    assert SECRET not in f"{notifiers[0].cursor}{notifiers[0].said}"


def test_a_webhook_that_comes_back_is_told_everything(
    instance: dg.DagsterInstance, notifiers: tuple[Watcher, Watcher], chat: HTTPServer
) -> None:
    """Each failure once, in their order; while it is down only one is tried at a look."""
    chat.expect_oneshot_request(SECRET).respond_with_data("", status=503)
    for source in ("first", "second"):
        fail(instance, SourceRejected(source, "no"))
    notifiers[0].look()
    assert len(chat.log) == 1
    chat.expect_request(SECRET).respond_with_data("ok")
    notifiers[0].look()
    notifiers[0].look()

    told = [text.splitlines()[1] for text in messages(chat)]
    assert told == ["source first: no", "source first: no", "source second: no"]


def test_what_failed_before_somebody_wanted_to_know_is_no_news(
    instance: dg.DagsterInstance,
    notifiers: tuple[Watcher, Watcher],
    chat: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without an address nothing is kept for later."""
    monkeypatch.delenv(VARIABLE)
    fail(instance, SourceRejected("crm", "no"))
    notifiers[0].look()
    monkeypatch.setenv(VARIABLE, chat.url_for(SECRET))
    notifiers[0].look()

    assert chat.log == []
