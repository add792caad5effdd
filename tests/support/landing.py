"""Settings in a folder of the test's own, and landing in one line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from ingest.batches import Batch
from ingest.landing import land
from ingest.settings import Settings
from ingest.tables import TABLES

WEEK = date(2026, 11, 2)
FETCHED_AT = datetime(2026, 11, 3, 6, 30, tzinfo=UTC)


def settings_in(folder: Path) -> Settings:
    """Settings whose every path lies in the folder."""
    return Settings(folder, folder / "sources.yml", folder / "perfect_customer.yml", WEEK)


def land_frames(
    settings: Settings,
    frames: pl.DataFrame | Iterable[pl.DataFrame],
    *,
    table: str = "companies",
    source: str = "made_up_crm",
    week: date = WEEK,
    fetched_at: datetime = FETCHED_AT,
) -> Batch:
    """Land one or more frames as a batch."""
    given = [frames] if isinstance(frames, pl.DataFrame) else frames
    return land(settings, source, week, TABLES[table], given, fetched_at=fetched_at)


def companies(*ids: str, **columns: object) -> pl.DataFrame:
    """Made-up companies with these ids."""
    return pl.DataFrame(
        {"source_company_id": ids, "name": [f"Company {key}" for key in ids]} | columns
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
