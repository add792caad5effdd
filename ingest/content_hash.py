"""The hash of a table's rows, by which a batch is known.

What belongs here: which bytes stand for a column. What doesn't: the order of the rows and the
batch's id (`landing.py`).
"""

from collections import defaultdict
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl

from ingest.utf8 import utf8

OWN_COLUMNS = ("source", "batch_id")
"""What a batch says of itself is no content."""


class ContentHash:
    """SHA-256 of rows that come in order, in frames cut anywhere: the same on every machine.

    Each column has streams of bytes of its own: for each row whether it has a value (0 or 1); for
    each value of a text its length in bytes (32 bits) and its UTF-8, of a list its length (32 bits)
    and its items as a column, of a structure its fields as columns, of anything else the number
    that Parquet keeps. All numbers are little-endian, times microseconds, dates days since 1970.
    The hash is that of the number of rows and the streams' names and hashes, in order of names.

    A column without any value has no streams, so that one which is new to the contract leaves the
    hashes of what has landed as they are.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._seen: dict[str, int] = {}
        self._streams: dict[str, Any] = defaultdict(sha256)

    def update(self, rows: pl.DataFrame) -> None:
        """The next rows; a column that is missing has no value in them."""
        for column in rows.drop(OWN_COLUMNS, strict=False):
            if column.null_count() < len(column):
                self._feed_column(column)
        self.rows += len(rows)

    def hexdigest(self) -> str:
        """The hash of all rows until now."""
        for name in self._seen:
            self._catch_up(name)
        whole = sha256(f"{self.rows} rows\n".encode())
        for name, stream in sorted(self._streams.items()):
            whole.update(f"{name} {stream.hexdigest()}\n".encode())
        return whole.hexdigest()

    def _feed_column(self, column: pl.Series) -> None:
        self._catch_up(column.name)
        self._feed(column.name, column)
        self._seen[column.name] = self.rows + len(column)

    def _catch_up(self, name: str) -> None:
        """Rows of frames in which the column had no value."""
        missing = self.rows - self._seen.get(name, 0)
        self._streams[f"{name} is there"].update(bytes(missing))
        self._seen[name] = self.rows

    def _feed(self, name: str, column: pl.Series) -> None:
        values = column.drop_nulls()
        is_there = _bytes(column.is_not_null()) if column.null_count() else b"\1" * len(column)
        self._streams[f"{name} is there"].update(is_there)
        if column.dtype == pl.String:
            ends, signs = utf8(values)
            self._streams[f"{name} length"].update(np.diff(ends).astype("<u4"))
            self._streams[f"{name} text"].update(signs)
        elif isinstance(column.dtype, pl.List):
            self._streams[f"{name} length"].update(_bytes(values.list.len()))
            self._feed(f"{name} item", values.list.explode(empty_as_null=False))
        elif isinstance(column.dtype, pl.Struct):
            for field in column.dtype.fields:
                self._feed(f"{name} {field.name}", values.struct.field(field.name))
        else:
            self._streams[f"{name} value"].update(_bytes(values))


def _bytes(values: pl.Series) -> Any:
    """The numbers that stand for values, without nulls, little-endian."""
    numbers = values.cast(pl.UInt8) if values.dtype == pl.Boolean else values.to_physical()
    array = numbers.to_numpy()
    return array.astype(array.dtype.newbyteorder("<"), copy=False)
