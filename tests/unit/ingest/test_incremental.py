"""Since when a source is asked for changes, and what stays of the last batch."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from ingest.http import SourceSession
from ingest.incremental import changed_since, unchanged
from ingest.registry import LastBatch, Request

MONDAY = date(2026, 10, 12)


def request(folder: Path, week: date, **landed: LastBatch) -> Request:
    """A request for a week after these batches have landed."""
    last: Callable[[str], LastBatch | None] = landed.get
    return Request(week, SourceSession("vendor"), folder, folder, last)


def batch(week: date, *ids: str) -> LastBatch:
    """A batch of companies."""
    rows = pl.LazyFrame({"source": "vendor", "batch_id": "b", "source_company_id": ids})
    return LastBatch(week, rows)


def test_changes_are_asked_for_since_the_day_before_the_last_batch(tmp_path: Path) -> None:
    """Of several tables the oldest batch counts."""
    weeks = {"companies": batch(MONDAY), "deals": batch(MONDAY - timedelta(weeks=1))}
    asked = request(tmp_path, MONDAY + timedelta(weeks=1), **weeks)

    assert changed_since(asked, ["companies"], 52) == datetime(2026, 10, 11, tzinfo=UTC)
    assert changed_since(asked, weeks, 52) == datetime(2026, 10, 4, tzinfo=UTC)


def test_everything_is_read_where_a_table_has_not_landed(tmp_path: Path) -> None:
    """There is nothing that changes could be added to."""
    asked = request(tmp_path, MONDAY, companies=batch(MONDAY))

    assert changed_since(asked, ["companies", "deals"], 52) is None


@pytest.mark.parametrize("every", [1, 2, 4, 7])
def test_everything_is_read_once_in_so_many_weeks(tmp_path: Path, every: int) -> None:
    """Over 28 weeks in a row; a week that failed is made up for by the next."""
    last, full = batch(MONDAY), []
    for weeks in range(1, 29):
        week = MONDAY + timedelta(weeks=weeks)
        has_failed = weeks % 5 == 0
        asked = changed_since(request(tmp_path, week, companies=last), ["companies"], every)
        if not has_failed:
            full += [weeks] if asked is None else []
            last = batch(week)

    gaps = [later - earlier for earlier, later in pairwise(full)]
    assert max(gaps) <= every + 1
    assert len(full) <= 28 // every + 1


def test_reading_in_full_is_the_default_also_twice_a_week(tmp_path: Path) -> None:
    """A second run of the week reads what the first one read."""
    assert (
        changed_since(request(tmp_path, MONDAY, companies=batch(MONDAY)), ["companies"], 1) is None
    )


def test_rows_that_nobody_touched_stay(tmp_path: Path) -> None:
    """Without what the landing fills in."""
    asked = request(tmp_path, MONDAY, companies=batch(MONDAY, "1", "2", "3"))

    frames = unchanged(asked, "companies", "source_company_id", pl.Series(["2", "9"]))

    kept = pl.concat(frames)
    assert kept.to_dict(as_series=False) == {"source_company_id": ["1", "3"]}
