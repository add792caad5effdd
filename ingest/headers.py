"""The columns that a file has: whether those that are needed are there, and what to do if not.

What belongs here: the one message about a missing column. What doesn't: what the columns mean
(`sources/`).
"""

from collections.abc import Iterable

import polars as pl

from ingest.errors import SourceRejected
from ingest.files import VENDOR
from ingest.mapping import near_miss


def check_columns(
    source: str, path: str, needed: Iterable[str], frame: pl.DataFrame, advice: str
) -> None:
    """SourceRejected where the frame lacks a vendor's column, with the name that is nearest."""
    names = vendor_names(frame)
    missing = [f'"{name}"{near_miss(name, names)}' for name in needed if name not in names]
    if missing:
        raise SourceRejected(
            source,
            f"{path}: expected the column {', '.join(missing)}, found {', '.join(names)}; {advice}",
        )


def vendor_names(frame: pl.DataFrame) -> list[str]:
    """The names of a file's columns as the file spells them."""
    return [name.removeprefix(VENDOR) for name in frame.columns if name.startswith(VENDOR)]
