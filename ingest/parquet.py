"""Writing rows as Parquet.

What belongs here: the settings that landed files and scratch files are written with, and what a
disk does wrong. What doesn't: names of files, and when they are synced (`landing.py`).
"""

from pathlib import Path
from typing import Literal

import polars as pl

ROW_GROUP = 122_880


def write_rows(
    path: Path,
    rows: pl.LazyFrame,
    *,
    compression: Literal["zstd", "lz4"] = "zstd",
    row_group: int = ROW_GROUP,
) -> None:
    """Write rows as they come; the same rows give the same bytes, however their frames are cut.

    Raises OSError also for a full disk, which Polars tells of as an error of computing.
    """
    try:
        rows.sink_parquet(path, compression=compression, row_group_size=row_group)
    except pl.exceptions.ComputeError as error:
        raise OSError(f"{path}: {error}") from error
