"""Dagster's own home: its configuration, runs whose process died, and old runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.utils import make_new_run_id
from pytest_httpserver import HTTPServer

from ingest.documents.sources import Sources
from ingest.settings import PROJECT, Settings
from orchestration.instance import (
    DAYS_KEPT,
    INSTANCE_CONFIG,
    dagster_instance,
    history_held_open,
    prepare_dagster_home,
    purge_runs,
)
from orchestration.resources import lock_resource
from orchestration.sensors import all_sensors
from orchestration.webhook import VARIABLE
from tests.support.landing import settings_in

FIRST_CONFIG = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"
WEEK, NEXT_WEEK = "2026-11-16", "2026-11-23"

# A run that holds the lock and waits to be killed.
RUN = f"""
import sys
from pathlib import Path

import dagster as dg

from orchestration.instance import dagster_instance
from orchestration.resources import lock_resource
from tests.support.landing import settings_in

settings = settings_in(Path(sys.argv[1]))

@dg.op(required_resource_keys={{"run_lock"}})
def wait():
    print("waiting", flush=True)
    sys.stdin.read()

@dg.job(executor_def=dg.in_process_executor, resource_defs={{"run_lock": lock_resource(settings)}})
def weekly():
    wait()

with dagster_instance(settings) as instance:
    weekly.execute_in_process(instance=instance, tags={{"dagster/partition": "{WEEK}"}})
"""


@dg.job(executor_def=dg.in_process_executor)
def _nothing() -> None:
    """A job without a step."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home of the test's own."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    return settings_in(tmp_path)


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """A real instance, with the configuration that the project writes."""
    with dagster_instance(settings) as instance:
        yield instance


@pytest.fixture
def running(settings: Settings, instance: dg.DagsterInstance) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own, as `prospects run` makes one, that goes on until killed."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN, settings.home],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout.readline() == "waiting\n"
        yield process
        process.kill()


def job(ending: Exception | None = None) -> dg.JobDefinition:
    """A job of one step, that ends well or with an error."""

    @dg.op
    def step() -> None:
        if ending:
            raise ending

    @dg.job(executor_def=dg.in_process_executor)
    def weekly() -> None:
        step()

    return weekly


def run(instance: dg.DagsterInstance, week: str | None, ending: Exception | None = None) -> str:
    """Run such a job for a week; the id of the run."""
    tags = {"dagster/partition": week} if week else {}
    weekly = job(ending)
    return weekly.execute_in_process(instance=instance, tags=tags, raise_on_error=False).run_id


def known(instance: dg.DagsterInstance) -> set[str]:
    """The runs that the instance knows."""
    return {run.run_id for run in instance.get_runs()}


def test_events_of_a_run_dont_wait_for_the_disk(instance: dg.DagsterInstance) -> None:
    """Both files of a run are reached through a held connection; what it wrote anybody reads."""
    storage = instance.event_log_storage
    ours, theirs = make_new_run_id(), make_new_run_id()

    def waits(connect: object) -> int:
        with connect as connection:
            return connection.exec_driver_sql("pragma synchronous").scalar()

    with history_held_open(instance, ours):
        held = [waits(storage.run_connection(ours)), waits(storage.index_connection())]
        _nothing.execute_in_process(instance=instance, run_id=ours)
        other = waits(storage.run_connection(theirs))
    after = [waits(storage.run_connection(ours)), waits(storage.index_connection())]

    assert (held, other, after) == ([1, 1], 2, [2, 2])
    assert [run.run_id for run in instance.get_runs()] == [ours]
    assert "RUN_SUCCESS" in {
        e.dagster_event_type.name for e in instance.all_logs(ours) if e.is_dagster_event
    }


def test_the_configuration_is_one_that_dagster_takes(instance: dg.DagsterInstance) -> None:
    """One run at a time, monitored, tried again only when it died, and nothing sent to anyone."""
    queue = instance.get_concurrency_config().run_queue_config

    assert queue.max_concurrent_runs == 1
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_max_runtime_seconds > 0
    assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 1)
    assert not instance.run_retries_retry_on_asset_or_op_failure
    assert not instance.telemetry_enabled


def test_a_configuration_of_an_earlier_version_is_renewed(settings: Settings) -> None:
    """As long as nobody changed it."""
    settings.dagster.mkdir()
    (settings.dagster / "dagster.yaml").write_text(FIRST_CONFIG)

    home = prepare_dagster_home(settings)

    assert (home / "dagster.yaml").read_text() == INSTANCE_CONFIG
    assert [path.name for path in home.iterdir()] == ["dagster.yaml"]


@pytest.mark.parametrize("text", [f"{FIRST_CONFIG}# mine\n", f"{INSTANCE_CONFIG}# mine\n", ""])
def test_a_configuration_that_somebody_changed_stays(settings: Settings, text: str) -> None:
    """A changed one is theirs, and so is an empty one."""
    settings.dagster.mkdir()
    (settings.dagster / "dagster.yaml").write_text(text)

    prepare_dagster_home(settings)

    assert (settings.dagster / "dagster.yaml").read_text() == text


def test_the_configuration_says_that_it_may_be_changed() -> None:
    """On its first lines, where whoever opens it reads it; it is YAML, of course."""
    assert INSTANCE_CONFIG.startswith("# Made by `prospects`")
    assert "it is yours" in INSTANCE_CONFIG.partition("\n\n")[0]
    assert yaml.safe_load(INSTANCE_CONFIG)["telemetry"] == {"enabled": False}


def test_a_run_of_a_range_of_one_week_holds_the_lock_for_it(settings: Settings) -> None:
    """A back-fill of the asset graph names its weeks so."""
    tags = {f"dagster/asset_partition_range_{end}": WEEK for end in ("start", "end")}
    seen = []

    @dg.op(required_resource_keys={"run_lock"})
    def look() -> None:
        seen.append(settings.lock.read_text())

    @dg.job(resource_defs={"run_lock": lock_resource(settings)})
    def weekly() -> None:
        look()

    weekly.execute_in_process(tags=tags)

    assert seen == [f"pid {os.getpid()}, week {WEEK}\n"]


def look(settings: Settings, instance: dg.DagsterInstance, cursor: str | None) -> str | None:
    """One look of the sensor of dead runs; what it remembers."""
    sensor = {s.name: s for s in all_sensors(settings, Sources(None, ()))}["dead_runs"]
    return sensor(dg.build_sensor_context(instance=instance, cursor=cursor)).cursor


def test_a_run_whose_process_died_is_marked_as_failed(
    settings: Settings,
    instance: dg.DagsterInstance,
    running: subprocess.Popen[str],
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At the second look, so that what just starts or ends is left alone; and the webhook is told,
    since the process can't any more."""
    monkeypatch.setenv(VARIABLE, httpserver.url_for("/hook"))
    httpserver.expect_request("/hook").respond_with_data("ok")
    failures = {s.name: s for s in all_sensors(settings, Sources(None, ()))}["failures"]
    told = failures(dg.build_sensor_context(instance=instance)).cursor
    running.kill()
    running.wait()
    cursor = look(settings, instance, None)
    assert [r.status for r in instance.get_runs()] == [dg.DagsterRunStatus.STARTED]

    look(settings, instance, cursor)
    failures(dg.build_sensor_context(instance=instance, cursor=told))

    assert [r.status for r in instance.get_runs()] == [dg.DagsterRunStatus.FAILURE]
    ((request, _),) = httpserver.log
    assert request.json["text"].startswith(f"Failed: list week {WEEK}\nthe process that worked on")


def test_a_run_that_goes_on_is_left_alone(
    settings: Settings, instance: dg.DagsterInstance, running: subprocess.Popen[str]
) -> None:
    """However long it takes: its process holds the lock."""
    cursor = None
    for _ in range(3):
        cursor = look(settings, instance, cursor)

    assert [r.status for r in instance.get_runs()] == [dg.DagsterRunStatus.STARTED]
    assert running.poll() is None


def test_the_newest_success_of_each_week_outlives_the_purge(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    """Else the week and its plots would vanish from the UI; everything else that is old goes."""
    superseded = run(instance, WEEK)
    newest = run(instance, WEEK)
    failed = run(instance, WEEK, ValueError("no"))
    other_week = run(instance, NEXT_WEEK)
    without_week = run(instance, None)

    deleted = purge_runs(settings, instance, datetime.now(UTC) + timedelta(days=DAYS_KEPT + 1))

    assert known(instance) == {newest, other_week}
    assert deleted == len({superseded, failed, without_week})


def test_young_runs_outlive_the_purge(settings: Settings, instance: dg.DagsterInstance) -> None:
    """Failures are what somebody wants to look into."""
    runs = {run(instance, WEEK), run(instance, WEEK, ValueError("no"))}

    assert purge_runs(settings, instance, datetime.now(UTC)) == 0
    assert known(instance) == runs


def test_a_run_in_progress_outlives_the_purge(
    settings: Settings, instance: dg.DagsterInstance, running: subprocess.Popen[str]
) -> None:
    """Whatever its age."""
    assert purge_runs(settings, instance, datetime.now(UTC) + timedelta(days=DAYS_KEPT + 1)) == 0
    assert len(known(instance)) == 1


def test_the_purge_leaves_nothing_of_a_run_on_disk(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    """Neither its events nor what it printed."""
    run_id = run(instance, None)
    assert list(settings.dagster.rglob(f"*{run_id}*"))

    purge_runs(settings, instance, datetime.now(UTC) + timedelta(days=DAYS_KEPT + 1))

    assert list(settings.dagster.rglob(f"*{run_id}*")) == []


def test_materializations_of_kept_runs_outlive_the_purge(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    """The UI goes on showing which weeks there are, with their numbers."""
    weeks = dg.WeeklyPartitionsDefinition(f"{date(2026, 11, 2)}", day_offset=1, end_offset=1)

    @dg.asset(partitions_def=weeks)
    def listed() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"dagster/row_count": 7})

    for week in (WEEK, NEXT_WEEK, NEXT_WEEK):
        dg.materialize([listed], instance=instance, partition_key=week)

    purge_runs(settings, instance, datetime.now(UTC) + timedelta(days=DAYS_KEPT + 1))

    assert instance.get_materialized_partitions(listed.key) == {WEEK, NEXT_WEEK}
    shown = instance.get_latest_materialization_event(listed.key).asset_materialization
    assert shown.metadata["dagster/row_count"].value == 7
