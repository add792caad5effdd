"""The weekly job: everything from the sources to the published files, for one list week."""

import dagster as dg

WEEKLY_JOB = "weekly_target_list"

weekly_job = dg.define_asset_job(
    WEEKLY_JOB,
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Fetch, build, check and publish all assets of one week, in one process.",
)
