"""The list weeks. A daily list would be one line here: nothing else assumes a Monday."""

import dagster as dg

from ingest.settings import Settings


def list_weeks(settings: Settings) -> dg.WeeklyPartitionsDefinition:
    """Mondays from the first list week to the running one, which `end_offset` adds."""
    return dg.WeeklyPartitionsDefinition(
        start_date=f"{settings.first_week}", day_offset=1, end_offset=1
    )
