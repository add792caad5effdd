"""Records of a source as frames, in memory or on disk: for every connector that gets objects.

What belongs here: cutting a stream of records into frames, and reading it more than once. What
doesn't: what a record means.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from ingest.parquet import write_rows

FRAME_RECORDS = 10_000


def frames(
    records: Iterable[Mapping[str, Any]], schema: Mapping[str, Any], size: int = FRAME_RECORDS
) -> Iterator[pl.DataFrame]:
    """Frames of at most `size` records; other keys than the schema's are left out."""
    remaining = iter(records)
    while chunk := list(islice(remaining, size)):
        yield pl.DataFrame(
            [{name: record.get(name) for name in schema} for record in chunk], schema
        )


def on_disk(found: Iterable[pl.DataFrame], schema: Mapping[str, Any], folder: Path) -> pl.LazyFrame:
    """All rows, to be read as often as need be, from files that are made in a new folder."""
    folder.mkdir()
    for number, frame in enumerate(chain([pl.DataFrame(schema=schema)], found)):
        write_rows(folder / f"{number:06}.parquet", frame.lazy(), is_scratch=True)
    return pl.scan_parquet(folder / "*.parquet")


def batches(rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows in frames of about FRAME_RECORDS, so that memory stays bounded."""
    yield from rows.collect_batches(chunk_size=FRAME_RECORDS, maintain_order=True)
