"""What Dagster's daemon looks at between Mondays: dropped files, runs that failed, runs that died.

What belongs here: when something is due. What a message says is in `webhook.py` and
`run_endings.py`, which files are new in `drops.py`.

Those that only tell or tidy run from the start: without a webhook, a failure or a dead run they do
nothing. `dropped_files` starts runs, which may cost requests at a vendor, so somebody switches it
on.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Self

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from ingest.documents.sources import Sources
from ingest.settings import Settings, latest_monday
from orchestration.drops import Watch, digest, local_patterns, look
from orchestration.instance import week_of
from orchestration.jobs import weekly_job
from orchestration.run_endings import message_of
from orchestration.run_lock import is_locked
from orchestration.webhook import FAILED, REFUSED, is_configured, post

SECONDS_BETWEEN_LOOKS = 60
MOST_ATTEMPTS = 3
MOST_AT_ONCE = 20
DROPPED_TAG = "prospects/dropped"
DIED_TAG = "prospects/died"
DIED = "the process that worked on it is gone: it was killed, or the machine was restarted"


def all_sensors(settings: Settings, sources: Sources) -> list[dg.SensorDefinition]:
    """Every sensor of the code location."""
    return [
        _dropped_files(settings, sources),
        _notifier("failures", FAILED, "Tells the webhook of each run of the daemon that failed."),
        _notifier("refusals", REFUSED, "Tells the webhook of each list that the gate refused."),
        _dead_runs(settings),
    ]


def _dropped_files(settings: Settings, sources: Sources) -> dg.SensorDefinition:
    patterns = local_patterns(sources)

    @dg.sensor(
        job=weekly_job,
        name="dropped_files",
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        description="Runs the running week when a file that sources.yml names is new or changed, "
        "and was not touched between two looks.",
    )
    def dropped_files(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        try:
            now = look(settings.sources.parent, patterns)
        except (OSError, ValueError) as error:
            return _nothing(f"a drop folder can't be looked at: {error}", context.cursor)
        return _looked(Watch.from_json(context.cursor), now)

    return dropped_files


def _looked(watch: Watch | None, now: Mapping[str, str]) -> dg.SensorResult:
    """What follows from a look; the first one only remembers what is there."""
    if watch is None:
        return _nothing(f"first look: {len(now)} files", Watch(now, now).to_json())
    news = watch.news(now)
    if not news:
        return _nothing("nothing new", watch.looked(now).to_json())
    if not watch.is_whole(now, news):
        return _nothing(f"may still be written: {', '.join(news)}", watch.looked(now).to_json())
    week = f"{latest_monday(datetime.now(UTC).date())}"
    request = dg.RunRequest(
        run_key=f"{week}-{digest(now)}", partition_key=week, tags={DROPPED_TAG: ", ".join(news)}
    )
    return dg.SensorResult([request], cursor=watch.asked(now).to_json())


@dataclass(frozen=True)
class _Told:
    """Up to where failures were looked at, and the runs still to be told of with their attempts."""

    after: str
    waiting: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def _notifier(name: str, title: str, description: str) -> dg.SensorDefinition:
    @dg.sensor(
        name=name,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        description=f"{description} Without PROSPECT_WEBHOOK it does nothing.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def notifier(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        # What failed before somebody wanted to know is no news.
        if not is_configured() or not context.cursor:
            newest = context.instance.fetch_run_status_changes(DagsterEventType.RUN_FAILURE, 1)
            return _nothing("what fails from now on is told", _Told(newest.cursor).to_json())
        told = _tell(context.instance, title, _with_new(context, _Told.from_json(context.cursor)))
        return _nothing(f"{len(told.waiting)} messages wait", told.to_json())

    return notifier


def _with_new(context: dg.SensorEvaluationContext, told: _Told) -> _Told:
    """Failures that came since are waiting too."""
    failures = context.instance.fetch_run_status_changes(
        DagsterEventType.RUN_FAILURE, MOST_AT_ONCE, told.after, ascending=True
    )
    new = [record.run_id for record in failures.records if record.run_id not in told.waiting]
    return _Told(failures.cursor, {**told.waiting, **dict.fromkeys(new, 0)})


def _tell(instance: dg.DagsterInstance, title: str, told: _Told) -> _Told:
    """Post what waits, up to the first message that doesn't get there: the others would not."""
    waiting = dict(told.waiting)
    for run_id, attempts in told.waiting.items():
        run = instance.get_run_by_id(run_id)
        message = message_of(instance, run) if run and _is_ours(run) else None
        if message and message.title == title and not post(message):
            waiting[run_id] = attempts + 1
            if waiting[run_id] >= MOST_ATTEMPTS:
                del waiting[run_id]
            break
        del waiting[run_id]
    return _Told(told.after, waiting)


def _is_ours(run: dg.DagsterRun) -> bool:
    """`prospects run` tells of its own runs unless it died; one that Dagster retries isn't over."""
    if run.remote_job_origin is None:
        return DIED_TAG in run.tags
    return run.tags.get("dagster/will_retry") != "true"


def _dead_runs(settings: Settings) -> dg.SensorDefinition:
    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        description="Marks runs as failed whose process is gone: in progress at two looks, while "
        "nobody held run.lock. Else they would keep the queue waiting for hours.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        started = dg.RunsFilter(statuses=[DagsterRunStatus.STARTED])
        runs = [r for r in context.instance.get_runs(started) if week_of(r.tags)]
        if not runs or is_locked(settings):
            return _nothing("no run is dead", "[]")
        suspected = json.loads(context.cursor or "[]")
        for run in runs:
            if run.run_id in suspected:
                context.instance.add_run_tags(run.run_id, {DIED_TAG: "true"})
                context.instance.report_run_failed(run, DIED)
        return _nothing("nobody holds run.lock", json.dumps([run.run_id for run in runs]))

    return dead_runs


def _nothing(reason: str, cursor: str | None) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=reason, cursor=cursor)
