"""Reading only what changed since the last batch, whose other rows stand in for the rest.

What belongs here: since when to ask, and the rows that stay. What doesn't: how a source is asked
for changes (`sources/`). A snapshot lands whole for its week, however little of it was read.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from ingest.records import batches
from ingest.registry import Request

OVERLAP = timedelta(days=1)
"""How far an index of changes may lag behind the records, and clocks may differ."""


def changed_since(
    request: Request, tables: Iterable[str], full_every_weeks: int
) -> datetime | None:
    """Since when to ask for changes; null where everything must be read.

    Everything is read where a table has not landed yet, and once in each period of so many weeks,
    since what was deleted for good is only seen so. The moment follows from the week that the last
    batch is stamped with, never from a time in a record: one that is dated next year does no harm.
    What is read twice is one row by its key.
    """
    if full_every_weeks == 1:
        return None
    landed = [request.last_batch(table) for table in tables]
    weeks = [batch.week for batch in landed if batch is not None]
    if len(weeks) < len(landed):
        return None
    oldest = min(weeks)
    if _period(oldest, full_every_weeks) != _period(request.week, full_every_weeks):
        return None
    return datetime.combine(oldest, time(), UTC) - OVERLAP


def unchanged(
    request: Request, table: str, column: str, touched: pl.Series
) -> Iterator[pl.DataFrame]:
    """The rows of the last batch but those whose `column` is one of the touched ids."""
    last = request.last_batch(table)
    if last is None:
        return
    rows = last.rows.drop("source", "batch_id")
    yield from batches(rows.join(touched.to_frame(column).lazy(), on=column, how="anti"))


def _period(week: date, weeks: int) -> int:
    return week.toordinal() // 7 // weeks
