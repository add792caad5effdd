"""Parquet files as frames: the rows of one, and how many of them are read at once.

What belongs here: reading Parquet that others wrote. What doesn't: where files lie (`files.py`),
writing Parquet (`parquet.py`) and what a column means (`sources/`).

A few bytes may stand for many: a text that thousands of rows share, thousands of columns that say
the same, pages that pack well. What a frame holds is bounded by what its rows stand for, and a file
that unpacks to far more than anybody's data does is refused.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from pyarrow import ArrowException
from pyarrow.parquet import ColumnChunkMetaData, FileMetaData, read_metadata

from ingest.delimited import VENDOR
from ingest.errors import SourceRejected
from ingest.normalise import LONGEST_TEXT
from ingest.parquet import ROW_GROUP

VALUE_BYTES = 16
"""What a text takes beside its letters; more than any number does."""
SLICE_BYTES = 256 * 2**20
FRAME_BYTES = 64 * 2**20
MOST_BYTES = 512 * 2**20
MOST_TIMES = 200
MOST_CHARACTERS = 10 * LONGEST_TEXT
"""So much of a text is read: needless white space is taken out before the landing cuts it."""


def read(source: str, path: Path) -> Generator[pl.DataFrame]:
    """Frames as those of a CSV (`delimited.py`), but typed as the file is; at least one.

    SourceRejected for what is no whole Parquet file, or unpacks to MOST_TIMES its size and more
    than the cap.
    """
    try:
        _check_size(source, path)
        yield from _frames(path)
    except (OSError, ArrowException, pl.exceptions.PolarsError):
        raise _not_whole(source, path) from None


def first_record(source: str, path: Path) -> list[str]:
    """The names of the columns."""
    try:
        return list(pl.read_parquet_schema(path))
    except (OSError, pl.exceptions.PolarsError):
        raise _not_whole(source, path) from None


def _not_whole(source: str, path: Path) -> SourceRejected:
    return SourceRejected(source, f"{path.name} is not a whole Parquet file")


def _check_size(source: str, path: Path) -> None:
    unpacked, packed = _unpacked_bytes(read_metadata(path)), path.stat().st_size
    if unpacked > max(MOST_BYTES, MOST_TIMES * packed):
        raise SourceRejected(
            source,
            f"{path.name} unpacks to more than the cap of {MOST_BYTES:,} bytes and {MOST_TIMES} "
            "times its size; save it as CSV",
        )


def _unpacked_bytes(file: FileMetaData) -> int:
    groups = map(file.row_group, range(file.num_row_groups))
    return sum(
        _unpacked_chunk(group.column(column), group.num_rows)
        for group in groups
        for column in range(group.num_columns)
    )


def _unpacked_chunk(chunk: ColumnChunkMetaData, rows: int) -> int:
    """The bytes of its pages, or of the items of its lists: one row may have any number of them."""
    return int(max(chunk.total_uncompressed_size, (chunk.num_values - rows) * VALUE_BYTES))


def _frames(path: Path) -> Iterator[pl.DataFrame]:
    """Piece by piece as they are taken: a stream reads on to the end while nobody takes."""
    file = pl.scan_parquet(path, glob=False)
    rows = _flat(file)
    count = file.select(pl.len()).collect().item()
    at_once = _rows_at_once(len(rows.collect_schema()))
    for start in range(0, max(count, 1), at_once):
        found = rows.slice(start, at_once).collect()
        numbered = found.with_columns(
            _line=pl.int_range(start + 1, start + 1 + pl.len()),
            _file=pl.lit(path.name),
            _reject=pl.lit(None, pl.String),
        )
        yield from _bounded(numbered)


def _rows_at_once(columns: int) -> int:
    return max(1, min(ROW_GROUP, SLICE_BYTES // (VALUE_BYTES * max(columns, 1))))


def _bounded(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows, or where they stand for too much, pieces of them without the ends of long texts."""
    if _is_small(rows):
        yield rows
    else:
        yield from _halved(rows.with_columns(map(_cut, rows)))


def _cut(values: pl.Series) -> pl.Series:
    """Texts, of those that are far too long only their beginning."""
    if values.dtype == pl.String and _is_long(values.str.len_bytes()):
        return values.str.head(MOST_CHARACTERS)
    if isinstance(values.dtype, pl.Categorical | pl.Enum) and _is_long(values.cat.len_bytes()):
        return values.cat.slice(0, MOST_CHARACTERS)
    return values


def _is_long(lengths: pl.Series) -> bool:
    return bool((lengths > MOST_CHARACTERS).any())


def _halved(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Halves of halves, until each stands for few enough bytes or is one row."""
    if len(rows) <= 1 or _is_small(rows):
        yield rows
        return
    half = len(rows) // 2
    yield from _halved(rows[:half])
    yield from _halved(rows[half:])


def _is_small(rows: pl.DataFrame) -> bool:
    """In memory rows share a text that comes again, but not in whatever is made of them."""
    return sum(map(_bytes, rows)) <= FRAME_BYTES


def _bytes(values: pl.Series) -> int:
    """What values take where none shares its text with another."""
    dtype = values.dtype
    if not _has_categories(dtype):
        return int(values.estimated_size())
    if isinstance(dtype, pl.List | pl.Array):
        return _bytes(values.explode())
    if isinstance(dtype, pl.Struct):
        return sum(map(_bytes, values.struct.unnest()))
    return int(values.cat.len_bytes().sum())


def _has_categories(dtype: Any) -> bool:
    """Whether its size is told without that of the texts."""
    if isinstance(dtype, pl.List | pl.Array):
        return _has_categories(dtype.inner)
    if isinstance(dtype, pl.Struct):
        return any(_has_categories(field.dtype) for field in dtype.fields)
    return isinstance(dtype, pl.Categorical | pl.Enum)


def _flat(rows: pl.LazyFrame) -> pl.LazyFrame:
    columns = (
        value.alias(f"{VENDOR}{name}")
        for column, dtype in rows.collect_schema().items()
        for name, value in _fields(column, pl.col(column), dtype)
    )
    return rows.select(columns)


def _fields(name: str, value: pl.Expr, dtype: pl.DataType) -> Iterator[tuple[str, pl.Expr]]:
    """A column, or the fields of a structure by dotted names, such as `location.country`."""
    if dtype == pl.Binary:
        value = value.map_batches(_as_text, return_dtype=pl.String)
    if not isinstance(dtype, pl.Struct):
        yield name, value
        return
    for field in dtype.fields:
        inner = value.struct.field(field.name)
        yield from _fields(f"{name}.{field.name}", inner, field.dtype)  # type: ignore[arg-type]


def _as_text(values: pl.Series) -> pl.Series:
    """Bytes that some tools write without saying that they are text; null for what is none."""
    try:
        return values.cast(pl.String)
    except pl.exceptions.PolarsError:
        return values.map_elements(_decoded, return_dtype=pl.String)


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
