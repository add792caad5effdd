"""Dagster's own home under PROSPECT_HOME: its configuration, and what it keeps of its history.

What belongs here: the instance that `prospects run` and the UI share. What doesn't: jobs,
schedules and sensors, which are definitions.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun
    from dagster._core.storage.event_log import SqliteEventLogStorage
    from sqlalchemy import Engine

DAYS_KEPT = 90
CONFIG_FILE = "dagster.yaml"
INSTANCE_CONFIG = """\
# Made by `prospects` for one machine. As long as nothing in it is changed, later versions of the
# project may replace it; once it is changed, it is yours and stays as it is.

# Nothing is sent to anyone.
telemetry: {enabled: false}
nux: {enabled: false}

# One run at a time: the weeks of a back-fill queue instead of meeting the lock of the first.
concurrency:
  runs: {max_concurrent_runs: 1}

# Ends what doesn't start, doesn't stop, or hangs. It can't see that a process died: for that there
# are the code server, and the sensor `dead_runs` after a restart and for `prospects run`.
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  cancel_timeout_seconds: 180
  max_runtime_seconds: 14400

# Only a run that died is started again, once. A step that fails has retries of its own where one
# can help, and the two must not multiply.
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false

# The first load after an installation reads everything from a cold disk.
code_servers:
  local_startup_timeout: 360

# Ticks of schedules and sensors. Dagster has no such setting for runs: the job `purge` is for them.
retention:
  schedule: {purge_after_days: 90}
  sensor: {purge_after_days: {skipped: 2, started: 90, success: 90, failure: 90}}
"""
NO_FILES = {
    "module": "dagster._core.storage.noop_compute_log_manager",
    "class": "NoOpComputeLogManager",
}
# Of what earlier versions wrote, so that a file nobody changed can be told.
EARLIER_CONFIGS = frozenset({"3fae54066104e59d7b5f5d39db83e4c046072c5abecc88e66ad8d54325461c93"})


def dagster_instance(settings: Settings, *, is_watched: bool = False) -> "DagsterInstance":
    """The instance under PROSPECT_HOME that the UI shows too; its folder is made when missing.

    A run that somebody watches on a terminal prints there what it prints. Else Dagster writes that
    to files, by way of processes that would answer to Ctrl-C with tracebacks of their own.
    """
    from dagster import DagsterInstance
    from dagster._core.instance.ref import InstanceRef

    prepare_dagster_home(settings)
    overrides = {"compute_logs": NO_FILES} if is_watched else None
    return DagsterInstance.from_ref(
        InstanceRef.from_dir(str(settings.dagster), overrides=overrides)
    )


@contextmanager
def history_held_open(instance: "DagsterInstance", run_id: str) -> Iterator[None]:
    """Keep connections to both files that a run's events go to, until it ends.

    Dagster makes an engine for every event, connects, waits for the disk as it commits, and waits
    again as it closes the last connection: a sixth of a run. Held connections write to SQLite's log
    of changes without waiting; where the power goes the last events are lost, never the file.
    """
    from dagster._core.storage.event_log import SqliteEventLogStorage

    storage = instance.event_log_storage
    # Whoever changed the configuration may keep the history elsewhere.
    if not isinstance(storage, SqliteEventLogStorage):
        yield
        return
    with storage.run_connection(run_id):
        """Makes the file of the run."""
    with _engine(storage, "index") as index, _engine(storage, run_id) as run:
        connect_to_run = storage.run_connection
        held = {
            "index_connection": index.begin,
            "run_connection": lambda of: run.begin() if of == run_id else connect_to_run(of),
            # Asked of the same few tables for every event.
            "has_table": cache(storage.has_table),
        }
        vars(storage).update(held)
        try:
            yield
        finally:
            for name in held:
                delattr(storage, name)


@contextmanager
def _engine(storage: "SqliteEventLogStorage", shard: str) -> "Iterator[Engine]":
    """A pool of connections to one of the files, closed in the end."""
    from sqlalchemy import create_engine, event

    engine = create_engine(storage.conn_string_for_shard(shard), connect_args={"timeout": 60})
    event.listen(engine, "connect", lambda made, _: made.execute("pragma synchronous = normal"))
    try:
        yield engine
    finally:
        engine.dispose()


def prepare_dagster_home(settings: Settings) -> Path:
    """Dagster's home with its configuration; a configuration that someone changed is left alone."""
    settings.dagster.mkdir(parents=True, exist_ok=True)
    config = settings.dagster / CONFIG_FILE
    if _is_ours(config):
        temporary = config.with_name(f".{CONFIG_FILE}.{os.getpid()}")
        temporary.write_text(INSTANCE_CONFIG, encoding="utf-8")
        temporary.replace(config)
    os.environ["DAGSTER_HOME"] = str(settings.dagster)
    return settings.dagster


def _is_ours(config: Path) -> bool:
    """Whether the file is missing, or is as an earlier version wrote it."""
    if not config.exists():
        return True
    return hashlib.sha256(config.read_bytes()).hexdigest() in EARLIER_CONFIGS


def week_of(tags: Mapping[str, str]) -> str | None:
    """The list week that a run with these tags is for; None for a run of no week."""
    # A back-fill of assets, other than one of the job, calls a week a range of one.
    return tags.get("dagster/partition") or tags.get("dagster/asset_partition_range_start")


def purge_runs(settings: Settings, instance: "DagsterInstance", now: datetime) -> int:
    """Delete what Dagster keeps of finished runs older than DAYS_KEPT; returns how many.

    Of each week the newest run of each job that succeeded is kept, however old, and with it the
    week's place in the UI and in its plots. Nothing outside of Dagster's own home is touched.
    """
    from dagster import RunsFilter

    kept = {run.run_id for run in _newest_successes(instance.get_runs())}
    old = instance.get_runs(RunsFilter(created_before=now - timedelta(days=DAYS_KEPT)))
    stale = [run for run in old if run.is_finished and run.run_id not in kept]
    for run in stale:
        instance.delete_run(run.run_id)
        instance.compute_log_manager.delete_logs(prefix=[run.run_id])
        _delete_database(settings, run.run_id)
    return len(stale)


def _newest_successes(newest_first: "Sequence[DagsterRun]") -> "Sequence[DagsterRun]":
    """Per job and week the newest run that succeeded."""
    oldest_first = reversed([run for run in newest_first if run.is_success and week_of(run.tags)])
    return list({(run.job_name, week_of(run.tags)): run for run in oldest_first}.values())


def _delete_database(settings: Settings, run_id: str) -> None:
    """SQLite keeps a file for each run, emptied but there when the run is deleted."""
    for file in (settings.dagster / "history" / "runs").glob(f"{run_id}.db*"):
        file.unlink(missing_ok=True)
