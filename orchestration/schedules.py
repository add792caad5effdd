"""When lists are made: Monday mornings, for the week that begins."""

import dagster as dg

from orchestration.jobs import WEEKLY_JOB

HOUR = 5


def weekly_schedule(weeks: dg.PartitionsDefinition) -> dg.ScheduleDefinition:
    """Monday 05:00 UTC; one run per list week, however often the daemon looks."""

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
