"""The list weeks. A daily list would be one line here: nothing else assumes a Monday."""

from datetime import date

import dagster as dg

from ingest.errors import ProspectError
from ingest.settings import Settings


def list_weeks(settings: Settings) -> dg.WeeklyPartitionsDefinition:
    """Mondays from the first list week to the running one, which `end_offset` adds."""
    return dg.WeeklyPartitionsDefinition(
        start_date=f"{settings.first_week}", day_offset=1, end_offset=1
    )


def require_list_week(weeks: dg.PartitionsDefinition, week: date) -> None:
    """Raise ProspectError, naming the first and the last list week, for a day that is none."""
    keys = weeks.get_partition_keys()
    if not keys:
        raise ProspectError(
            "PROSPECT_FIRST_WEEK lies ahead, so there is no list week yet; name an earlier Monday"
        )
    if f"{week}" not in keys:
        raise ProspectError(
            f"{week} is no list week; expected a Monday from {keys[0]} to {keys[-1]}"
        )
