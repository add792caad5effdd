"""What every step of a run is given: the settings, and the lock that the run holds."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from ingest.settings import Settings
from orchestration.run_lock import run_lock

PARTITION_TAG = "dagster/partition"


def lock_resource(settings: Settings) -> dg.ResourceDefinition:
    """Holds run.lock for the whole run: with the in-process executor resources live as long."""

    @dg.resource
    def held(context: dg.InitResourceContext) -> Iterator[None]:
        week = date.fromisoformat(context.run.tags[PARTITION_TAG]) if context.run else date.min
        with run_lock(settings, week):
            yield

    return held
