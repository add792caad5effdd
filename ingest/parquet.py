"""Writing rows as Parquet.

What belongs here: the settings that landed files and scratch files are written with, and what a
disk does wrong. What doesn't: names of files, and when they are synced (`landing.py`).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

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
    path: Path, rows: pl.LazyFrame, *, row_group: int = ROW_GROUP, is_scratch: bool = False
) -> None:
    """Write rows as they come; scratch files, which are read once and soon, in the cheapest way.

    Raises OSError also for a full disk, which Polars tells of as an error of computing.
    """
    try:
        rows.sink_parquet(
            path,
            compression="uncompressed" if is_scratch else "zstd",
            compression_level=None if is_scratch else 1,
            statistics=not is_scratch,
            row_group_size=row_group,
        )
    except pl.exceptions.ComputeError as error:
        raise OSError(f"{path}: {error}") from error
