"""When lists are made: Monday mornings, for the week that begins; and when old runs are deleted."""

import dagster as dg

from orchestration.jobs import PURGE_JOB, WEEKLY_JOB

HOUR = 5


def all_schedules() -> list[dg.ScheduleDefinition]:
    """Every schedule of the code location."""
    return [_mondays(), _sundays()]


def _mondays() -> dg.ScheduleDefinition:
    """Monday 05:00 UTC; one run per list week, however often the daemon looks.

    Somebody switches it on: looking at the UI must not begin to fetch from vendors.
    """

    @dg.schedule(
        cron_schedule=f"0 {HOUR} * * 1",
        job_name=WEEKLY_JOB,
        execution_timezone="UTC",
        name="mondays",
        description="The list of the week that begins, before people come to work.",
    )
    def mondays(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        week = f"{context.scheduled_execution_time:%Y-%m-%d}"
        return dg.RunRequest(run_key=week, partition_key=week)

    return mondays


def _sundays() -> dg.ScheduleDefinition:
    """Runs from the start, since it only tidies Dagster's own history."""
    return dg.ScheduleDefinition(
        name="sundays",
        cron_schedule=f"0 {HOUR} * * 0",
        job_name=PURGE_JOB,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Deletes old runs from Dagster's history.",
    )
