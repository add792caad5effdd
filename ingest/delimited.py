"""Delimited text as frames: which of a file's lines are rows, and which rows are broken.

What belongs here: reading CSV and its like. What doesn't: where files lie and how they are written
(`files.py`), and what a column means (`sources/`).

There are two ways of reading, and they give the same rows. Only a reader that goes row by row can
tell the line of a broken row without losing others, and it needs seconds for 100,000 wide rows. So
it reads only those blocks of a file in which some line is not by itself a whole row of the right
width; of the others each line is a row, and a block is read at once. Memory holds one block.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import dropwhile
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ingest.errors import SourceRejected

VENDOR = "vendor."
BLOCK_BYTES = 4 * 2**20
MOST_BYTES = 16 * 2**20
MOST_NAMES = 2**14
FRAME_BYTES = 32 * 2**20
FIELD_BYTES = 64
"""What a field of a record takes beside its letters."""
UTF_8_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Layout(NamedTuple):
    """How a file is written; `names` of its columns where no header tells them.

    Unless it is `quoted`, a quotation mark is text like any other.
    """

    delimiter: str
    encoding: str
    names: tuple[str, ...] = ()
    quoted: bool = True


class Place(NamedTuple):
    """Between two lines: how many bytes and lines of the file lie before it."""

    byte: int
    line: int


class Record(NamedTuple):
    """What stands up to `end`: a row, a broken one, or nothing."""

    end: Place
    fields: list[str]
    trouble: str | None = None


class _File(NamedTuple):
    source: str
    path: Path
    layout: Layout
    encoding: str
    start: Place


def read(source: str, path: Path, layout: Layout) -> Generator[pl.DataFrame]:
    """Frames of text columns `vendor.<name>` with `_file`, `_line` and `_reject`; first an empty
    one. SourceRejected for a file without header, in another encoding, with an open quote, or a row
    or a header beyond the caps.
    """
    file = _opened(source, path, layout)
    names, place = list(layout.names), file.start
    if not names:
        header = _first(file)
        names, place = [name.strip() for name in header.fields], header.end
    if not names:
        raise SourceRejected(source, f"{path.name}: expected a header in its first line")
    if len(names) > MOST_NAMES:
        raise SourceRejected(source, f"{path.name}: more than {MOST_NAMES:,} names in its header")
    names = unique_names(names)
    yield frame_of(path.name, names, [])
    if file.encoding != "utf-8" or len(names) == 1:
        yield from _careful_frames(file, names, place)
        return
    size = path.stat().st_size
    while place.byte < size:
        until = min(place.byte + BLOCK_BYTES, size)
        found = _plain_frame(file, names, place, until)
        if found is not None:
            frame, place = found
            yield frame
        else:
            place = yield from _careful_frames(file, names, place, until)


def first_record(source: str, path: Path, layout: Layout) -> list[str]:
    """The fields of a file's first line: its header where it has one."""
    return _first(_opened(source, path, layout)).fields


def _opened(source: str, path: Path, layout: Layout) -> _File:
    """UTF-8 and UTF-16 tell themselves apart; a mark at the start is no part of the first name."""
    if layout.encoding.lower() not in ("utf-8", "utf8"):
        return _File(source, path, layout, layout.encoding, Place(0, 0))
    with path.open("rb") as file:
        mark = file.read(len(UTF_8_MARK))
    if mark.startswith(UTF_16_MARKS):
        return _File(source, path, layout, "utf-16", Place(0, 0))
    start = len(UTF_8_MARK) if mark == UTF_8_MARK else 0
    return _File(source, path, layout, "utf-8", Place(start, 0))


def _first(file: _File) -> Record:
    with _records(file, file.start) as records:
        found = (record for record in records if record.fields or record.trouble)
        return next(found, Record(file.start, []))._replace(trouble=None)


def unique_names(names: list[str]) -> list[str]:
    """The names of columns, each once: a name that comes again is numbered: "Name", "Name (2)"."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return unique


# A block at once


def _plain_frame(
    file: _File, names: list[str], place: Place, until: int
) -> tuple[pl.DataFrame, Place] | None:
    """The whole lines up to a byte, or None where one of them is not by itself a row."""
    block = _whole_lines(file.path, place.byte, until)
    try:
        lines = pl.read_lines(io.BytesIO(block)).to_series()
        if not _are_rows(lines, file.layout, len(names)):
            return None
        rows = pl.read_csv(
            block,
            has_header=False,
            schema={VENDOR + name: pl.String for name in names},
            separator=file.layout.delimiter,
            quote_char='"' if file.layout.quoted else None,
            empty_string_is_null=False,
        )
    except pl.exceptions.PolarsError:
        # Such as bytes that are no UTF-8: the careful reader says what is wrong.
        return None
    if rows.height != lines.len():
        return None
    numbers = pl.int_range(place.line + 1, place.line + 1 + lines.len(), eager=True)
    frame = rows.with_columns(
        _line=numbers, _reject=pl.lit(None, pl.String), _file=pl.lit(file.path.name)
    )
    return frame, Place(place.byte + len(block), place.line + lines.len())


def _whole_lines(path: Path, start: int, until: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        block = file.read(until - start)
        is_last = not file.read(1)
    return block if is_last else block[: block.rfind(b"\n") + 1]


def _are_rows(lines: pl.Series, layout: Layout, width: int) -> bool:
    """Whether each line has `width` values, quoted as a whole or without any quote."""
    longest = lines.str.len_bytes().max()
    if not isinstance(longest, int) or longest > csv.field_size_limit():
        return False
    delimiter = re.escape(layout.delimiter)
    value = rf'(?:[^"\r{delimiter}]*|"(?:[^"\r]|"")*")' if layout.quoted else rf"[^\r{delimiter}]*"
    row = rf"^{value}(?:{delimiter}{value}){{{width - 1}}}$"
    return bool(lines.str.contains(row).all())


# Row by row


def _careful_frames(
    file: _File, names: list[str], place: Place, until: int | None = None
) -> Generator[pl.DataFrame, None, Place]:
    """The records from a place to the first that ends at `until` or behind; gives its end."""
    with _records(file, place) as records:
        for batch in _batches(_up_to(until, records), len(names)):
            place = batch[-1].end
            yield frame_of(file.path.name, names, [r for r in batch if r.fields or r.trouble])
    return place


def _up_to(until: int | None, records: Iterator[Record]) -> Iterator[Record]:
    for record in records:
        yield record
        if until is not None and record.end.byte >= until:
            return


def frames_of(file: str, names: list[str], records: Iterable[Record]) -> Iterator[pl.DataFrame]:
    """Records as `read` gives them, some at once: so many that memory holds FRAME_BYTES of them."""
    for batch in _batches(records, len(names)):
        yield frame_of(file, names, batch)


def _batches(records: Iterable[Record], width: int) -> Iterator[list[Record]]:
    """Records that follow each other; one of another width is a broken one, without its fields."""
    batch: list[Record] = []
    size = 0
    for record in records:
        judged = _judged(record, width) if record.fields or record.trouble else record
        batch.append(judged)
        size += FIELD_BYTES * (width + 1) + sum(map(len, judged.fields))
        if size >= FRAME_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def frame_of(file: str, names: list[str], records: list[Record]) -> pl.DataFrame:
    """Records of the right width as `read` gives them."""
    columns = (
        zip(*(record.fields for record in records), strict=True) if records else [()] * len(names)
    )
    texts = [
        pl.Series(VENDOR + name, column, pl.String)
        for name, column in zip(names, columns, strict=True)
    ]
    return pl.DataFrame(texts).with_columns(
        pl.Series("_line", [record.end.line for record in records], pl.Int64),
        pl.Series("_reject", [record.trouble for record in records], pl.String),
        _file=pl.lit(file),
    )


def _judged(record: Record, width: int) -> Record:
    found = len(record.fields)
    if found == width:
        return record
    trouble = record.trouble or f"expected {width} values, found {found}"
    return Record(record.end, [""] * width, trouble)


@contextmanager
def _records(file: _File, place: Place) -> Iterator[Iterator[Record]]:
    """The records behind a place. Only of UTF-8 is it sure that reading can begin at any line."""
    start = place if file.encoding == "utf-8" else file.start
    try:
        with file.path.open("rb") as raw:
            raw.seek(start.byte)
            text = io.TextIOWrapper(raw, encoding=file.encoding, newline="")
            records = _parsed(file, start, _Lines(text, file, start.byte))
            yield dropwhile(lambda record: record.end.byte <= place.byte, records)
    except UnicodeError:
        raise SourceRejected(
            file.source,
            f"{file.path.name} is not written in {file.layout.encoding}; "
            "set `encoding`, e.g. cp1252",
        ) from None


class _Lines:
    """The lines of a text, how many bytes of it have been taken, and where a row begins.

    SourceRejected for a row that goes on beyond the cap, before more of it is read.
    """

    def __init__(self, text: io.TextIOWrapper, file: _File, byte: int) -> None:
        self._text, self._file = text, file
        self.byte = self.row = byte

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(MOST_BYTES + 1):
            self.byte += len(line.encode(self._file.encoding))
            if self.byte - self.row > MOST_BYTES:
                raise SourceRejected(
                    self._file.source,
                    f"{self._file.path.name}: a row is longer than the cap of {MOST_BYTES:,} "
                    "bytes; expected a line for each",
                )
            yield line


def _parsed(file: _File, start: Place, lines: _Lines) -> Iterator[Record]:
    reader = csv.reader(
        lines,
        delimiter=file.layout.delimiter,
        quoting=csv.QUOTE_MINIMAL if file.layout.quoted else csv.QUOTE_NONE,
        strict=True,
    )
    while True:
        lines.row = lines.byte
        began = start.line + reader.line_num + 1
        try:
            fields, trouble = next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error):
                raise SourceRejected(
                    file.source,
                    f"{file.path.name}: a quote opened on line {began} is never closed",
                ) from None
            fields, trouble = [], f"not readable as CSV: {error}"
        yield Record(Place(lines.byte, start.line + reader.line_num), fields, trouble)
