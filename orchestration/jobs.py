"""The jobs: the weekly list, and keeping Dagster's own history small."""

from datetime import UTC, datetime

import dagster as dg

from ingest.settings import Settings
from orchestration.instance import DAYS_KEPT, purge_runs

WEEKLY_JOB = "weekly_target_list"
PURGE_JOB = "purge"

weekly_job = dg.define_asset_job(
    WEEKLY_JOB,
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    # By the time that a run which died is tried again, other weeks may have taken its warehouse's
    # place, so it begins anew.
    tags={"dagster/retry_strategy": "ALL_STEPS"},
    description="Fetch, build, check and publish all assets of one week.",
)


def purge_job(settings: Settings) -> dg.JobDefinition:
    """Deletes old runs from Dagster's history; lists and their versions are not its business."""

    @dg.op
    def delete_old_runs(context: dg.OpExecutionContext) -> None:
        deleted = purge_runs(settings, context.instance, datetime.now(UTC))
        context.log.info("deleted %d runs", deleted)

    @dg.job(
        name=PURGE_JOB,
        executor_def=dg.in_process_executor,
        description=f"Delete runs older than {DAYS_KEPT} days from Dagster's history, except the "
        "newest of each week that succeeded.",
    )
    def purge() -> None:
        delete_old_runs()

    return purge
