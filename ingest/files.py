"""Delimited files, workbooks, Parquet files and JSON lines as frames: where they lie, how they are
written.

What belongs here: finding and opening files, for every connector that reads some. What doesn't:
the rows of a CSV (`delimited.py`), of a sheet (`workbook.py`), of a Parquet file (`columnar.py`)
and of JSON lines (`json_lines.py`), what a zip holds (`archives.py`), what a column means
(`sources/`) and what a text stands for (`convert.py`).

A frame's columns are named `vendor.<name>`. Those of a CSV, a sheet and JSON are text, a Parquet
file keeps its types; a field of its structures is a column by a dotted name, as is one of JSON.
Each row carries `_file` and `_line` (of a CSV the line it ends on, of a sheet the row, of a Parquet
file its number), and `_reject` where it is broken.

Whoever may write into a folder of drops may not decide what else is read: a file that leads out of
it is refused, as is a name that a message could not show in one line.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ingest import columnar, delimited, json_lines
from ingest.ahead import ahead
from ingest.archives import unpacked
from ingest.errors import SourceNotFound, SourceRejected, SourceUnavailable
from ingest.file_names import check_name
from ingest.options import FromEnvironment
from ingest.registry import Request

VENDOR = delimited.VENDOR
DELIMITERS = {"csv": ",", "tsv": "\t"}
FORMATS = (*DELIMITERS, "parquet", "xlsx", "jsonl")
LONGEST_NAME = 255
"""Bytes of a file's name, beyond which a file system refuses it; some keys in addresses are."""
DATE_PARTS = {"%Y": r"\d{4}", "%m": r"\d{2}", "%d": r"\d{2}"}


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f'expected an encoding such as utf-8 or cp1252, found "{name}"') from None
    return name


Encoding = Annotated[str, AfterValidator(_known_encoding)]


def _date_pattern(pattern: str) -> str:
    if sorted(re.findall("%.", pattern)) != sorted(DATE_PARTS):
        raise ValueError(f'expected %Y, %m and %d, once each, found "{pattern}"')
    return pattern


class FileOptions(BaseModel):
    """Where a file lies and how it is written, as sources.yml says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: FromEnvironment | None = Field(
        None, description="a path or pattern, from the folder of sources.yml"
    )
    url: FromEnvironment | None = Field(None, description="an http, https or sandbox address")
    format: Literal["csv", "tsv", "parquet", "xlsx", "jsonl"] | None = None
    sheet: str | None = Field(None, description="of a workbook that has several")
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: Encoding = "utf-8"
    quoted: bool = Field(True, description="false: quotation marks are text like any other")
    header: bool = True
    names: tuple[str, ...] = ()
    date_in_name: Annotated[str, AfterValidator(_date_pattern)] | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("expected either `path` or `url`")
        if self.url and self.date_in_name:
            raise ValueError("`date_in_name` goes with `path`, not with `url`")
        if self.header == bool(self.names):
            raise ValueError("`header: false` and the `names` of the columns go together")
        return self


def answers_for_past(options: FileOptions) -> bool:
    """Whether the file of a past week can still be had: dated drops, and the sandbox."""
    return bool(options.date_in_name) or (options.url or "").startswith("sandbox://")


def found(
    source: str, options: FileOptions, request: Request, *, all_dates: bool = False
) -> list[Path]:
    """The files as they lie, fetched if need be; SourceNotFound when there is none.

    Of dated files only those up to the request's week count: the newest date, or all dates.
    """
    if options.url:
        name = PurePosixPath(urlsplit(options.url).path).name
        if not 0 < len(name.encode()) <= LONGEST_NAME:
            name = "download"
        # Downloads of one source may have the same name, such as latest.csv.
        folder = Path(mkdtemp(prefix="download-", dir=request.scratch))
        return [request.session.download(options.url, folder / name)]
    pattern = request.folder.resolve() / (options.path or "")
    files = _matching(source, pattern)
    if options.date_in_name:
        files = _until(request.week, files, options.date_in_name, all_dates=all_dates)
    if not files:
        until = f" dated {request.week} or earlier" if options.date_in_name else ""
        raise SourceNotFound(source, f"no file{until} matches {pattern}; put one there")
    return files


def located(
    source: str, options: FileOptions, request: Request, *, all_dates: bool = False
) -> list[Path]:
    """The files to read: those that are found, unpacked where they are archives."""
    return [
        file
        for path in found(source, options, request, all_dates=all_dates)
        for file in _unpacked(source, path, options, request)
    ]


def read(source: str, path: Path, options: FileOptions) -> Iterator[pl.DataFrame]:
    """A file in frames of some ten thousands of rows, read one frame ahead in a thread of its own.

    SourceRejected when it can't be read at all, SourceUnavailable when it changes meanwhile. A
    file with a header and nothing else gives one frame without rows.
    """
    if path.stat().st_size == 0:
        raise SourceRejected(source, f"{path.name} has 0 bytes; expected at least a header")
    match _format(source, path, options):
        case "parquet":
            frames = columnar.read(source, path)
        case "xlsx":
            # Its library takes long to import, and most runs read no workbook.
            from ingest import workbook

            frames = workbook.read(source, path, options.sheet, options.names)
        case "jsonl":
            frames = json_lines.read(source, path)
        case _:
            frames = delimited.read(source, path, _layout(source, path, options))
    return _unchanged(source, path, ahead(frames))


def first_record(source: str, path: Path, options: FileOptions) -> list[str]:
    """The fields of the first line of a CSV or sheet, its header where it has one; the columns of a
    Parquet file or of JSON lines.
    """
    match _format(source, path, options):
        case "parquet":
            return columnar.first_record(source, path)
        case "xlsx":
            from ingest import workbook

            return workbook.first_record(source, path, options.sheet)
        case "jsonl":
            return json_lines.first_record(source, path)
        case _:
            fields = delimited.first_record(source, path, _layout(source, path, options))
            return [name.strip() for name in fields]


def _unchanged(source: str, path: Path, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The frames of a file that nobody writes while it is read."""
    before = path.stat()
    yield from frames
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceUnavailable(
            source, f"{path.name} was written while it was read; run again when it is whole"
        )


def _layout(source: str, path: Path, options: FileOptions) -> delimited.Layout:
    usual = DELIMITERS.get(_format(source, path, options), ",")
    return delimited.Layout(
        options.delimiter or usual, options.encoding, options.names, options.quoted
    )


def _unpacked(source: str, path: Path, options: FileOptions, request: Request) -> list[Path]:
    """What is in an archive. A workbook is one too, but is read as it is."""
    if "xlsx" in (options.format, _ending(path)):
        return [path]
    return unpacked(source, path, request.scratch, FORMATS)


def _matching(source: str, pattern: Path) -> list[Path]:
    found = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
    files = sorted(path for path in found if path.is_file() and not path.name.startswith("."))
    folder = _folder_of(pattern).resolve()
    for path in files:
        check_name(source, path.name)
        if not path.resolve().is_relative_to(folder):
            raise SourceRejected(
                source,
                f"{path.name} is a link that leads out of {folder}; put the file itself there, or "
                "name its own path in sources.yml",
            )
    return files


def _folder_of(pattern: Path) -> Path:
    """The folder in which a pattern, or the one file that it names, is looked for."""
    folders = [folder for folder in pattern.parents if not re.search(r"[*?[]", str(folder))]
    return folders[0]


def _until(week: date, files: list[Path], pattern: str, *, all_dates: bool) -> list[Path]:
    dates = {path: _date_of(path, pattern) for path in files}
    known = {path: day for path, day in dates.items() if day is not None and day <= week}
    newest = max(known.values(), default=None)
    return [path for path, day in known.items() if all_dates or day == newest]


def _date_of(path: Path, pattern: str) -> date | None:
    """The date in a file's name, else in its folder's."""
    digits = re.sub("%[Ymd]", lambda part: DATE_PARTS[part.group()], _escaped(pattern))
    for name in (path.name, path.parent.name):
        for found in re.findall(digits, name):
            try:
                return datetime.strptime(found, pattern).date()
            except ValueError:
                continue
    return None


def _escaped(pattern: str) -> str:
    return re.escape(pattern).replace(r"\%", "%")


def _format(source: str, path: Path, options: FileOptions) -> str:
    found = options.format or _ending(path)
    if found not in FORMATS:
        raise SourceRejected(
            source,
            f"{path.name}: expected csv, tsv, parquet, xlsx or jsonl; save it so, or set `format`",
        )
    return found


def _ending(path: Path) -> str:
    ending = path.suffix.lower().lstrip(".")
    return {"xlsm": "xlsx", "ndjson": "jsonl"}.get(ending, ending)
