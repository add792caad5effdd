"""The weekly job in this process, as `prospects run` starts it, and what it came to.

What belongs here: starting the job on the same instance as the Dagster UI, following its events,
and turning how it ended into something a person can read.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.documents.together import load_documents
from ingest.errors import ProspectError
from ingest.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance

# The terminal shows our own lines; Dagster's events are in the instance.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
INSTANCE_CONFIG = """\
telemetry:
  enabled: false
nux:
  enabled: false
"""


@dataclass(frozen=True)
class Progress:
    """One step that ended: its name, seconds, and whether it went well."""

    step: str
    seconds: float
    succeeded: bool


def run_week(
    settings: Settings, week: date, fetch: str, report: Callable[[Progress], None]
) -> None:
    """Run the weekly job for one list week; `fetch` is auto, yes or no.

    Raises the ProspectError that ended it (GateRefused when the gate held the list back); a
    DocumentError before anything is fetched.
    """
    # Before the heavy imports: a mistake is told at once, and nothing is fetched with it.
    load_documents(settings)
    from dagster._core.errors import DagsterExecutionInterruptedError
    from dagster._core.utils import make_new_run_id

    from orchestration.assets.landing import FETCH_TAG
    from orchestration.dbt import prepare_manifest
    from orchestration.jobs import WEEKLY_JOB

    prepare_manifest()
    from orchestration.definitions import build_definitions

    job = build_definitions(settings).resolve_job_def(WEEKLY_JOB)
    _check_week(job, week)
    run_id = make_new_run_id()
    with dagster_instance(settings) as instance:
        instance.add_event_listener(run_id, lambda entry: _follow(entry.dagster_event, report))
        try:
            job.execute_in_process(
                partition_key=f"{week}",
                instance=instance,
                run_id=run_id,
                run_config=QUIET,
                tags={FETCH_TAG: fetch},
                raise_on_error=True,
            )
        except (DagsterExecutionInterruptedError, KeyboardInterrupt) as error:
            raise ProspectError(
                "stopped; what is published is wholly the old list or wholly the new one, "
                "and the same command makes it again"
            ) from error
        except Exception as error:
            raise _cause(error) from error


def dagster_instance(settings: Settings) -> "DagsterInstance":
    """The instance under PROSPECT_HOME that the UI shows too; its folder is made when missing."""
    import dagster as dg

    prepare_dagster_home(settings)
    return dg.DagsterInstance.from_config(str(settings.dagster))


def prepare_dagster_home(settings: Settings) -> Path:
    """Dagster's home with its configuration, which is left as it is when there is one."""
    settings.dagster.mkdir(parents=True, exist_ok=True)
    config = settings.dagster / "dagster.yaml"
    if not config.exists():
        config.write_text(INSTANCE_CONFIG)
    os.environ["DAGSTER_HOME"] = str(settings.dagster)
    return settings.dagster


def _follow(event: "DagsterEvent | None", report: Callable[[Progress], None]) -> None:
    if event is None or event.step_key is None:
        return
    if event.is_step_success:
        report(Progress(event.step_key, event.step_success_data.duration_ms / 1000, True))
    elif event.is_step_failure:
        report(Progress(event.step_key, 0.0, False))


def _check_week(job: object, week: date) -> None:
    keys = job.partitions_def.get_partition_keys()  # type: ignore[attr-defined]
    if f"{week}" not in keys:
        raise ProspectError(
            f"{week} is no list week; expected a Monday from {keys[0]} to {keys[-1]}"
        )


def _cause(error: BaseException) -> BaseException:
    """What a user can mend, from under Dagster's wrapping; else the error as it is."""
    from dagster import Failure

    for wrapped in _chain(error):
        if isinstance(wrapped, ProspectError):
            return wrapped
        if isinstance(wrapped, Failure):
            return ProspectError(wrapped.description or "a step failed")
    return error


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from; a chain can lead back into itself."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    return chain
