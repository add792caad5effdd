"""The weekly job in this process, as `prospects run` starts it, and what it came to.

What belongs here: starting the job on the same instance as the Dagster UI, following its events,
and turning how it ended into something a person can read.
"""

import gc
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING

from expectations.results import Acceptance
from ingest.documents.together import load_documents
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.instance import dagster_instance, history_held_open
from orchestration.run_lock import RunLocked

if TYPE_CHECKING:
    from dagster import DagsterEvent, JobDefinition

EITHER_LIST = "what is published is wholly the old list or wholly the new one"
# The terminal shows our own lines; Dagster's events are in the instance.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Progress:
    """One step that ended: its name, seconds, and whether it went well; or, while it is under way,
    what is to be known of it."""

    step: str
    seconds: float
    succeeded: bool
    note: str = ""


def load_job(settings: Settings) -> "JobDefinition":
    """The weekly job over the caller's documents, as they now are.

    Raises DocumentError before anything heavy is imported, so that a mistake is told at once.
    """
    from orchestration.dbt import prepare_manifest
    from orchestration.worker import worker

    load_documents(settings)
    prepare_manifest()
    # Dagster takes as long to import as the worker to be ready.
    worker().start()
    with _kept_to_the_end():
        from orchestration.definitions import build_definitions
        from orchestration.jobs import WEEKLY_JOB

        return build_definitions(settings).resolve_job_def(WEEKLY_JOB)


def list_weeks(job: "JobDefinition", first: date, last: date) -> list[date]:
    """The list weeks from the first to the last; raises ProspectError when either is none."""
    from orchestration.partitions import require_list_week

    assert job.partitions_def is not None, "the weekly job has a partition for each list week"
    for week in (first, last):
        require_list_week(job.partitions_def, week)
    if last < first:
        raise ProspectError(f"there is no week from {first} to {last}; name the earlier one first")
    keys = job.partitions_def.get_partition_keys()
    return [date.fromisoformat(key) for key in keys if f"{first}" <= key <= f"{last}"]


def require_acceptable(settings: Settings, acceptances: Sequence[Acceptance]) -> None:
    """Raise ProspectError unless the gate has such checks and a person may let them pass."""
    from orchestration.gate import acceptable_checks

    _, sources = load_documents(settings)
    acceptable = acceptable_checks(sources)
    for acceptance in acceptances:
        if acceptance.check not in acceptable:
            raise ProspectError(
                f"{acceptance.check} can't be accepted; what can be, by name and with a reason: "
                f"{', '.join(acceptable)}"
            )


def run_week(
    settings: Settings,
    job: "JobDefinition",
    week: date,
    report: Callable[[Progress], None],
    *,
    fetch: str = "auto",
    acceptances: Sequence[Acceptance] = (),
) -> None:
    """Run the weekly job for one list week; `fetch` is auto, yes or no.

    Raises the ProspectError that ended it: GateRefused when the gate held the list back. Whoever
    is to be told of failures is told.
    """
    from dagster._core.errors import DagsterExecutionInterruptedError
    from dagster._core.utils import make_new_run_id

    from orchestration.assets.landing import FETCH_TAG
    from orchestration.gate import acceptance_tags
    from orchestration.webhook import notify

    run_id = make_new_run_id()
    # Dagster writes what its history can't take to the terminal, in many lines.
    said = StringIO()
    try:
        with (
            redirect_stderr(said),
            dagster_instance(settings, is_watched=True) as instance,
            history_held_open(instance, run_id),
        ):
            instance.add_event_listener(run_id, lambda entry: _follow(entry.dagster_event, report))
            job.execute_in_process(
                partition_key=f"{week}",
                instance=instance,
                run_id=run_id,
                run_config=QUIET,
                tags={FETCH_TAG: fetch, **acceptance_tags(acceptances)},
                raise_on_error=True,
            )
    except (DagsterExecutionInterruptedError, KeyboardInterrupt) as error:
        raise ProspectError(
            f"stopped; {EITHER_LIST}, and the same command makes it again"
        ) from error
    except Exception as error:
        cause = _cause(settings, error)
        if not isinstance(cause, ProspectError):
            sys.stderr.write(said.getvalue())
        if not (isinstance(cause, RunLocked) and cause.is_for(week)):
            notify(week, cause)
        raise cause from error
    else:
        sys.stderr.write(said.getvalue())


@contextmanager
def _kept_to_the_end() -> Iterator[None]:
    """What is imported and made in this block is no garbage; to look through it takes a second."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _follow(event: "DagsterEvent | None", report: Callable[[Progress], None]) -> None:
    if event is None or event.step_key is None:
        return
    if event.event_type_value == "ASSET_CHECK_EVALUATION":
        found = event.asset_check_evaluation_data
        if not found.passed and (reason := found.metadata.get("reason")):
            report(Progress(event.step_key, 0.0, True, f"{reason.value}"))
    elif event.is_step_success:
        report(Progress(event.step_key, event.step_success_data.duration_ms / 1000, True))
    elif event.is_step_failure:
        report(Progress(event.step_key, 0.0, False))


def _cause(settings: Settings, error: BaseException) -> BaseException:
    """What a user can mend, from under Dagster's wrapping; else the error as it is."""
    from dagster import Failure

    chain = _chain(error)
    for wrapped in chain:
        if isinstance(wrapped, ProspectError):
            return wrapped
        if isinstance(wrapped, Failure):
            return ProspectError(wrapped.description or "a step failed")
    for wrapped in chain:
        if told := _told_by_the_machine(settings, wrapped):
            return ProspectError(f"{told}; {EITHER_LIST}, so mend the cause and run again")
    return error


def _told_by_the_machine(settings: Settings, error: BaseException) -> str | None:
    """In one line what the file system said, or a database that memory was too little for, with
    how much there is; None for any other error."""
    import duckdb

    from orchestration.warehouse import advised, free_room

    if isinstance(error, duckdb.OutOfMemoryException):
        return advised(settings, f"{error}")
    by_duckdb = (duckdb.OperationalError, duckdb.FatalException)
    if not isinstance(error, (OSError, sqlite3.Error, *by_duckdb)):
        return None
    line = f"{error}".partition("\n")[0]
    whose = "Dagster's history: " if isinstance(error, sqlite3.Error) else ""
    return f"{whose}{line}{free_room(settings)}"


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from; a chain can lead back into itself."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    return chain
