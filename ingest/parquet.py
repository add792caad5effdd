"""Writing rows as Parquet.

What belongs here: the settings that landed files and scratch files are written with, and what a
disk does wrong. What doesn't: names of files, and when they are synced (`landing.py`).
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

ROW_GROUP = 122_880


def row_groups(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of frames that follow each other, in frames of ROW_GROUP rows and a last one.

    Written so, the same rows give the same bytes: those of lists depend on where frames are cut.
    """
    left = pl.DataFrame()
    for frame in frames:
        rows = pl.concat([left, frame], how="diagonal")
        whole = len(rows) - len(rows) % ROW_GROUP
        yield from map(_compact, rows[:whole].iter_slices(ROW_GROUP))
        left = rows[whole:]
    yield _compact(left)


def _compact(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in memory of their own: a slice of lists would hold on to the items of others."""
    lists = [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.List)]
    return rows.rechunk().with_columns(pl.col(lists).gather(pl.int_range(pl.len())))


def one_by_one(frames: Iterator[pl.DataFrame], schema: Mapping[str, Any]) -> pl.LazyFrame:
    """The rows of frames, to be written once; each frame is made when the one before is taken."""

    def read(*_: object) -> Iterator[pl.DataFrame]:
        return frames

    return register_io_source(read, schema=schema)


def write_rows(
    path: Path, rows: pl.LazyFrame, *, row_group: int | None = None, is_scratch: bool = False
) -> None:
    """Write rows as they come, ROW_GROUP in a row group by default; scratch in the cheapest way.

    Raises OSError also for a full disk, which Polars tells of as an error of computing.
    """
    try:
        rows.sink_parquet(
            path,
            compression="uncompressed" if is_scratch else "zstd",
            compression_level=None if is_scratch else 1,
            statistics=not is_scratch,
            row_group_size=row_group or ROW_GROUP,
            # As Polars holds texts; by default it puts them into another form first.
            arrow_schema=rows.collect_schema(),
        )
    except pl.exceptions.ComputeError as error:
        raise OSError(f"{path}: {error}") from error
