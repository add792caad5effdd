"""How a run ended, read from Dagster's history: refused or failed, and why in one line.

What belongs here: turning the events of a run into a message. What doesn't: posting it
(`webhook.py`) and deciding of which runs (`sensors.py`).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg
from dagster import DagsterEventType

from ingest.errors import ProspectError
from orchestration.instance import week_of
from orchestration.publishing.gate_page import GateRefused
from orchestration.webhook import Message, failed, refused, unforeseen, without_data

if TYPE_CHECKING:
    from dagster_shared.error import SerializableErrorInfo

FAILURES = {DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE}


def message_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Message:
    """What to tell of a run that failed."""
    week = week_of(run.tags)
    subject = f"list week {week}" if week else f"job {run.job_name}"
    logged = instance.all_logs(run.run_id, of_type=FAILURES)
    causes = [cause for entry in logged for cause in _causes(entry)]
    mendable = [cause for cause in causes if cause.cls_name in _mendable()]
    if not mendable:
        kind = causes[-1].cls_name if causes else None
        return failed(subject, unforeseen(kind) if kind else logged[-1].message)
    first = mendable[0]
    # Its text begins with the name of its class.
    text = first.message.partition(": ")[2]
    if first.cls_name == GateRefused.__name__:
        return refused(subject, text)
    return failed(subject, without_data(text))


def _causes(entry: dg.EventLogEntry) -> "Iterator[SerializableErrorInfo]":
    """The errors of a failure, from Dagster's own down to the one that began it."""
    data = entry.get_dagster_event().event_specific_data
    error: SerializableErrorInfo | None = getattr(data, "error", None)
    while error is not None:
        yield error
        error = error.cause or error.context


def _mendable(kind: type[ProspectError] = ProspectError) -> set[str]:
    """The names of all errors that a user can mend, and of the one that steps raise for dbt."""
    below = {name for child in kind.__subclasses__() for name in _mendable(child)}
    return {kind.__name__, dg.Failure.__name__, *below}
