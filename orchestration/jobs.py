"""The weekly job: everything from the sources to the published files, for one list week."""

import dagster as dg

WEEKLY_JOB = "weekly_target_list"


def weekly_job() -> object:
    """All assets of one partition, in one process."""
    return dg.define_asset_job(
        WEEKLY_JOB,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Fetch, build, check and publish the list of one week.",
    )
