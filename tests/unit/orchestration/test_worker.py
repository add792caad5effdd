"""The process beside a run: it does what the same call does here, and never outlives the run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread

import polars as pl
import pytest

from expectations.departures import departures
from expectations.runner import run_checks
from expectations.terms import NO_TERMS
from ingest.errors import ProspectError
from ingest.settings import PROJECT, Settings
from orchestration.dbt import DBT_PROJECT
from orchestration.run_lock import RunLocked
from orchestration.warehouse import database_config, warehouse_file
from orchestration.worker import Worker
from tests.support.empty_warehouse import WEEK, build_empty_warehouse
from tests.support.processes import are_gone, children, watched
from tests.support.publications import settings_in
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID, build_warehouse

SEEDS = ("--resource-type", "seed")
RUN = """
import sys
from pathlib import Path
from expectations.checks import no_rows
from orchestration.worker import worker

warehouse, pipe = sys.argv[1:]
check = no_rows("waits", "marts.accounts", f"from read_csv('{pipe}')", why="", expected="")
worker().check(Path(warehouse), "departures", [check], {})
"""
"""A run whose worker reads a pipe that nobody writes to."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """One for most of these tests, as for the steps of a run."""
    worker = Worker()
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """A home whose warehouse holds no row."""
    settings = settings_in(tmp_path)
    build_empty_warehouse(settings)
    return settings


def test_it_finds_what_the_runner_finds(worker: Worker, tmp_path: Path) -> None:
    """The same findings in the same order, of a warehouse that some checks are content with."""
    settings = settings_in(tmp_path)
    lost = "delete from marts.account_scores where outcome = 'listed'"
    database = build_warehouse(warehouse_file(settings, LIST_WEEK), mutations=[lost])
    checks = departures(LIST_WEEK, PUBLISH_ID, NO_TERMS)
    config = database_config(settings)

    found = worker.check(database, "departures", checks, config)

    assert found == run_checks(database, "departures", checks, config)
    assert {finding.passed for finding in found} == {True, False}


def test_it_says_each_node_with_its_rows(worker: Worker, empty: Settings) -> None:
    """Of a seed as many as its file has."""
    said = list(worker.build(empty, warehouse_file(empty, WEEK), {}, SEEDS, 1))

    rows = {node.event["data"]["node_info"]["node_name"]: node.rows for node in said}
    files = (DBT_PROJECT / "seeds").glob("*.csv")
    assert rows == {file.stem: pl.read_csv(file).height for file in files}


def test_work_that_fails_is_told_as_it_would_be_here(
    worker: Worker, empty: Settings, tmp_path: Path
) -> None:
    """The error is raised behind what was said before it, and the process works on."""
    nowhere = tmp_path / "nothing" / "warehouse.duckdb"
    nowhere.parent.mkdir()
    before = _process(worker)

    said = worker.build(empty, nowhere, {}, ("--select", "stg_suppressions"), 1)

    with pytest.raises(ProspectError, match=r"1 nodes failed \(stg_suppressions\): .*raw"):
        list(said)
    assert list(worker.build(empty, warehouse_file(empty, WEEK), {}, SEEDS, 1))
    assert _process(worker) is before


def test_a_process_that_is_killed_is_told_and_replaced(worker: Worker, empty: Settings) -> None:
    """In one line that says what to do; whoever asks again is answered by another."""
    _process(worker).kill()

    with pytest.raises(ProspectError, match=r"exit code -9; .*PROSPECT_MEMORY_LIMIT"):
        list(worker.build(empty, warehouse_file(empty, WEEK), {}, SEEDS, 1))

    assert list(worker.build(empty, warehouse_file(empty, WEEK), {}, SEEDS, 1))


def test_work_that_was_left_answers_nobody_else(worker: Worker, empty: Settings) -> None:
    """Who asks next, while somebody still holds what was left, gets answers of their own."""
    left = worker.build(empty, warehouse_file(empty, WEEK), {}, SEEDS, 1)
    next(left)

    checked = worker.check(warehouse_file(empty, WEEK), "departures", [], {})

    assert checked == []


def test_an_error_that_cannot_be_sent_is_told_all_the_same(worker: Worker, tmp_path: Path) -> None:
    """As an error that says the same, with the place where it was raised."""
    with pytest.raises(RuntimeError, match="RunLocked: another run holds") as raised:
        list(worker._said(_meet_a_lock, f"{tmp_path}/run.lock"))

    assert "_meet_a_lock" in raised.value.__notes__[0]


def test_work_that_nobody_waits_for_is_ended(worker: Worker, empty: Settings) -> None:
    """Else it would write to the warehouse beside what comes next."""
    said = worker.build(empty, warehouse_file(empty, WEEK), {}, SEEDS, 1)
    next(said)
    process = _process(worker)

    said.close()

    assert not process.is_alive()


def test_it_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    """However suddenly, and whatever it is doing: nobody goes on working on a warehouse whose lock
    is gone."""
    warehouse, pipe = build_warehouse(tmp_path / "warehouse.duckdb"), tmp_path / "pipe"
    os.mkfifo(pipe)
    run = subprocess.Popen([sys.executable, "-c", RUN, warehouse, pipe], cwd=PROJECT)
    Thread(target=_read_when_it_ended, args=(run, pipe), daemon=True).start()
    # Goes on when somebody begins to read.
    with run, pipe.open("w"):
        started = watched(children(run.pid))
        run.kill()
        assert len(started) > 0
        assert are_gone(started)


def _meet_a_lock(_: object, lock: str) -> None:
    raise RunLocked(lock, "pid 1")


def _read_when_it_ended(run: subprocess.Popen[bytes], pipe: Path) -> None:
    """Else a run that never reads would be waited for without an end."""
    run.wait()
    os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))


def _process(worker: Worker) -> BaseProcess:
    """The one that works for it, started where none does."""
    return worker._started().process
