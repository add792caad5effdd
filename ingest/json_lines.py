"""JSON lines as frames: an object per line, as APIs hand out large results.

What belongs here: lines, and the text of what they hold. What doesn't: JSON itself (`http.py`) and
what a column means (`sources/`).

A column is whatever any line names, so the file is read twice: lines leave out what they lack.
"""

import json
from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from ingest.delimited import Place, Record, frame_of, frames_of
from ingest.errors import SourceRejected
from ingest.http import json_of

MOST_BYTES = 16 * 2**20
MOST_NAMES = 2_000
LONGEST_NAME = 1_000
UTF_8_MARK = b"\xef\xbb\xbf"


def read(source: str, path: Path) -> Generator[pl.DataFrame]:
    """Frames as those of a CSV (`delimited.py`), first an empty one; an empty line is none.

    A line that is no object has a `_reject`. SourceRejected for a line that is longer than the cap.
    """
    names = first_record(source, path)
    yield frame_of(path.name, names, [])
    records = (_record(number, line, names) for number, line in _lines(source, path))
    yield from frames_of(path.name, names, records)


def first_record(source: str, path: Path) -> list[str]:
    """The names in all lines, in the order in which they come first.

    SourceRejected for more names than any table has columns.
    """
    names: dict[str, None] = {}
    for _, line in _lines(source, path):
        try:
            names.update(dict.fromkeys(_object(line)))
        except ValueError:
            continue
        if len(names) > MOST_NAMES:
            raise SourceRejected(
                source, f"{path.name}: more than {MOST_NAMES:,} names; expected columns, not keys"
            )
    return list(names)


def _lines(source: str, path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that aren't empty, by their numbers from 1."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MOST_BYTES + 1):
            number += 1
            if len(line) > MOST_BYTES:
                raise SourceRejected(
                    source,
                    f"{path.name}: line {number} is longer than the cap of {MOST_BYTES:,} bytes; "
                    "expected an object per line",
                )
            text = line.removeprefix(UTF_8_MARK).strip()
            if text:
                yield number, text


def _record(number: int, line: bytes, names: list[str]) -> Record:
    try:
        found = _object(line)
    except ValueError as error:
        return Record(Place(0, number), [], f"not readable as a JSON object: {error}")
    return Record(Place(0, number), [found.get(name, "") for name in names])


def _object(line: bytes) -> dict[str, str]:
    """Texts by names; those of an object inside have dotted ones. ValueError for anything else.

    Of more names than there may be some are left out.
    """
    found = json_of(line)
    if not isinstance(found, dict):
        raise ValueError("expected an object")
    try:
        return dict(islice(_texts(found, ""), MOST_NAMES + 1))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _texts(values: dict[str, Any], within: str) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        whole = f"{within}{name}"
        if len(whole) > LONGEST_NAME:
            raise ValueError(f"a name is longer than {LONGEST_NAME:,} characters")
        if isinstance(value, dict):
            yield from _texts(value, f"{whole}.")
        else:
            yield whole, _text(value)


def _text(value: Any) -> str:
    """A value as a CSV would have it; a list's with semicolons between them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_text, value)))
    return json.dumps(value, ensure_ascii=False)
