"""Excel workbooks as frames: which sheet is read, where its header is, what a cell stands for.

What belongs here: reading `.xlsx`. What doesn't: where files lie (`files.py`), and what a column
means (`sources/`).

A cell becomes the text that stands for it in a CSV: a day or a time in ISO 8601, however Excel
shows it; a number with a point and without needless digits; true or false; of a formula what Excel
made of it last; of an error nothing. Of merged cells the first has the value. Hidden sheets are
read only where they are named, since nobody sees what stands there.
"""

import warnings
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import polars as pl
from openpyxl import load_workbook
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from ingest.delimited import Place, Record, frame_of, frames_of, unique_names
from ingest.errors import SourceRejected
from ingest.normalise import clean

MOST_ROWS = 2**20
MOST_BYTES = 512 * 2**20
BROKEN = (
    BadZipFile,
    InvalidFileException,
    zlib.error,
    SyntaxError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What openpyxl raises over bytes that are no workbook, or half of one."""

_Row = tuple[int, list[str]]
"""The number of a row, and the text of its cells up to the last that is filled."""


def read(
    source: str, path: Path, sheet: str | None, names: tuple[str, ...] = ()
) -> Generator[pl.DataFrame]:
    """Frames as those of a CSV (`delimited.py`), first an empty one; the header is the first row
    that isn't empty, unless `names` stand for it.

    SourceRejected for what is no workbook, unpacks to more than the cap, has several sheets to
    choose from, or a header that leaves a column without a name.
    """
    with _rows(source, path, sheet) as rows:
        columns = unique_names(list(names) or _header(source, path, rows))
        yield frame_of(path.name, columns, [])
        records = (_record(line, cells, len(columns)) for line, cells in rows)
        yield from frames_of(path.name, columns, records)


def first_record(source: str, path: Path, sheet: str | None) -> list[str]:
    """The cells of the first row that isn't empty: the header where there is one."""
    with _rows(source, path, sheet) as rows:
        _, cells = next(rows, (0, []))
    return cells


def _header(source: str, path: Path, rows: Iterator[_Row]) -> list[str]:
    line, cells = next(rows, (1, []))
    if not cells:
        raise SourceRejected(source, f"{path.name}: expected a header in the sheet's first row")
    unnamed = [get_column_letter(n) for n, cell in enumerate(cells, 1) if not cell]
    if unnamed:
        raise SourceRejected(
            source,
            f"{path.name}: row {line} leaves column {', '.join(unnamed)} without a name; let the "
            "first row name every column, without merged cells",
        )
    return [" ".join(cell.split()) for cell in cells]


def _record(line: int, cells: list[str], width: int) -> Record:
    return Record(Place(0, line), [*cells, *[""] * (width - len(cells))])


@contextmanager
def _rows(source: str, path: Path, name: str | None) -> Iterator[Iterator[_Row]]:
    """The rows of the sheet that aren't empty; whatever is wrong with them is a SourceRejected."""
    try:
        _check_size(source, path)
        with warnings.catch_warnings():
            # Of what it doesn't read, such as pictures and styles, openpyxl tells at length.
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True)
    except BROKEN:
        raise _not_whole(source, path) from None
    try:
        found = _sheet(source, path, book, name)
        yield _filled(source, path, found)
    finally:
        book.close()


def _check_size(source: str, path: Path) -> None:
    """What a zip says of its sizes is a promise here: not a byte more is ever unpacked."""
    with ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > MOST_BYTES:
        raise SourceRejected(
            source,
            f"{path.name} unpacks to more than the cap of {MOST_BYTES:,} bytes; save it as CSV",
        )


def _sheet(source: str, path: Path, book: Any, name: str | None) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if name is not None and name not in sheets:
        raise SourceRejected(source, f'{path.name} has no sheet "{name}"; it has {_listed(sheets)}')
    shown = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"]
    if name is None and len(shown) != 1:
        raise SourceRejected(
            source,
            f"{path.name}: expected one sheet that is shown, found {_listed(shown)}; name the one "
            "that is meant by `sheet`",
        )
    return sheets[name if name is not None else shown[0]]


def _listed(titles: Iterable[str]) -> str:
    """Names of sheets in one line, whatever stands in them."""
    return ", ".join(clean(pl.Series(list(titles), dtype=pl.String)).drop_nulls()) or "none"


def _filled(source: str, path: Path, sheet: Any) -> Iterator[_Row]:
    try:
        # What a sheet says of its own size is not always so.
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if line > MOST_ROWS:
                raise ValueError("no sheet of Excel's has so many rows")
            # Most cells of a wide sheet are none: a call for each would take seconds.
            texts = _without_end(["" if cell is None else _text(cell) for cell in cells])
            if texts:
                yield line, texts
    except BROKEN:
        raise _not_whole(source, path) from None


def _without_end(texts: Iterable[str]) -> list[str]:
    kept = list(texts)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _text(value: Any) -> str:
    if isinstance(value, str):
        return "" if value in ERROR_CODES else value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return str(value)


def _not_whole(source: str, path: Path) -> SourceRejected:
    return SourceRejected(
        source,
        f"{path.name} is not a whole Excel workbook (.xlsx), or is locked by a password; save it "
        "again, or as CSV",
    )
