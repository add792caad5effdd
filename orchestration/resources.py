"""What every step of a run is given: the settings, and the lock that the run holds."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from ingest.settings import Settings
from orchestration.instance import week_of
from orchestration.preflight import require_writable
from orchestration.run_lock import run_lock
from orchestration.worker import worker


def lock_resource(settings: Settings) -> dg.ResourceDefinition:
    """Holds run.lock for the whole run, once it is known that the run can write where it must.

    With the in-process executor resources live as long as the run.
    """

    @dg.resource
    def held(context: dg.InitResourceContext) -> Iterator[None]:
        week = week_of(context.run.tags) if context.run else None
        with run_lock(settings, date.fromisoformat(week) if week else date.min):
            require_writable(settings)
            # It makes itself ready while sources are asked.
            worker().start()
            try:
                yield
            finally:
                # A run that is interrupted leaves its step, and what it waits for, as they are.
                worker().abandon()

    return held
