"""Writing rows as Parquet.

What belongs here: the settings that landed files and scratch files are written with, and what a
disk does wrong. What doesn't: names of files, and when they are synced (`landing.py`).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import polars as pl

ROW_GROUP = 122_880


def row_groups(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of frames that follow each other, in frames of ROW_GROUP rows and a last one.

    Written so, the same rows give the same bytes: those of lists depend on where frames are cut.
    """
    left = pl.DataFrame()
    for frame in frames:
        rows = pl.concat([left, frame], how="diagonal")
        whole = len(rows) - len(rows) % ROW_GROUP
        yield from (group.rechunk() for group in rows[:whole].iter_slices(ROW_GROUP))
        left = rows[whole:]
    yield left.rechunk()


def write_rows(
    path: Path,
    rows: pl.LazyFrame,
    *,
    compression: Literal["zstd", "lz4"] = "zstd",
    row_group: int | None = None,
) -> None:
    """Write rows as they come, ROW_GROUP in a row group by default.

    Raises OSError also for a full disk, which Polars tells of as an error of computing.
    """
    size = row_group or ROW_GROUP
    try:
        rows.sink_parquet(path, compression=compression, row_group_size=size)
    except pl.exceptions.ComputeError as error:
        raise OSError(f"{path}: {error}") from error
