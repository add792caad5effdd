"""Fetching for real: a sources.yml in a folder of the test's own, its connector, the landing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ingest.batches import Batch
from ingest.documents.sources import load_sources
from ingest.fetch import Fetched, fetch_source
from ingest.http import Limits
from tests.support.landing import WEEK, settings_in


class Landed(NamedTuple):
    """One table as it landed, and what was set aside."""

    batch: Batch
    rows: pl.DataFrame
    rejects: pl.DataFrame


def write(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    """A text file of these lines, with the folders above it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path


def fetch(
    folder: Path,
    source: str,
    week: date = WEEK,
    sandbox: str | None = None,
    limits: Limits | None = None,
) -> Fetched:
    """Land one source; `source` is its entry in sources.yml, indented or not."""
    folder.mkdir(exist_ok=True)
    settings = settings_in(folder)
    indented = "".join(f"    {line}\n" for line in source.strip().splitlines())
    size = f"sandbox: {sandbox}\n" if sandbox else ""
    settings.sources.write_text(f"{size}sources:\n  vendor:\n{indented}", encoding="utf-8")
    (entry,) = load_sources(settings.sources).sources
    return fetch_source(settings, entry, week, limits=limits)


def fetched(
    folder: Path, source: str, week: date = WEEK, sandbox: str | None = None
) -> dict[str, Landed]:
    """The tables of one source, as `fetch` lands it."""
    settings = settings_in(folder)
    return {
        batch.table: Landed(batch, pl.read_parquet(batch.data(settings)), _rejects(settings, batch))
        for batch in fetch(folder, source, week, sandbox).batches
    }


def _rejects(settings, batch: Batch) -> pl.DataFrame:
    path = batch.rejected(settings)
    return pl.read_parquet(path) if path.exists() else pl.DataFrame()
