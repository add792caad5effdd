"""XLSX as such: what Excel can hold, how a value becomes a cell, and how a sheet is laid out.

Whatever comes in, a text becomes a text: never a formula, a number, a link that isn't to the web,
or markup. Which sheets there are and what they tell is in `workbook`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from math import isfinite
from pathlib import Path
from textwrap import wrap
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

from orchestration.publishing.pages import web_address

CUT = " … [cut]"
"""Stands at the end of a text that was too long for a cell."""

_BASE = {"font_size": 10, "valign": "top", "bottom": 1, "bottom_color": "#DFE4EA"}
_WORDS = {"text_wrap": True, "align": "left", "indent": 1}
_HEADING = {**_WORDS, "bold": True, "font_color": "#FFFFFF", "bg_color": "#1C2530"}
_NUMBER = {"align": "right", "indent": 1}
_TIER = {"bold": True, "align": "center", "font_color": "#1C2530"}
_STYLES: Mapping[str, Mapping[str, object]] = {
    "text": _WORDS,
    "name": {**_WORDS, "bold": True},
    "link": {"align": "left", "indent": 1, "font_color": "#1D5C92", "underline": 1},
    "count": {**_NUMBER, "num_format": "#,##0"},
    "moved": {**_NUMBER, "num_format": "+#,##0;-#,##0;0"},
    "score": {**_NUMBER, "num_format": "0.0"},
    "gained": {**_NUMBER, "num_format": "+0.0;-0.0;0.0"},
    "points": {**_NUMBER, "num_format": "0.00"},
    "percentage": {**_NUMBER, "num_format": '0"%"'},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    "rows": {**_NUMBER, "num_format": '#,##0 "rows"'},
    "accounts": {**_NUMBER, "num_format": '#,##0 "accounts"'},
    "version": {"align": "left", "indent": 1},
    "title": {"bold": True, "font_size": 16, "font_color": "#1C2530", "bottom": 0},
    "section": {"bold": True, "font_size": 12, "font_color": "#1C2530", "bottom_color": "#1C2530"},
    "heading": _HEADING,
    "number heading": {**_HEADING, **_NUMBER},
    "warning": {**_WORDS, "font_color": "#1C2530", "bg_color": "#FFE8A3"},
    "tier 1": {**_TIER, "font_color": "#FFFFFF", "bg_color": "#1D5C92"},
    "tier 2": {**_TIER, "bg_color": "#9CC5E6"},
    "tier 3": {**_TIER, "bg_color": "#D9EAF7"},
    "tier 4": _TIER,
}
"""How cells look, by the kind of what they hold; tiers get lighter from the first one on."""

_TIER_STYLES = 4
_SHADES = {
    "type": "2_color_scale",
    "min_type": "num",
    "min_value": 0,
    "min_color": "#FFFFFF",
    "max_type": "num",
    "max_value": 100,
    "max_color": "#5FA8DC",
}
"""Scores are shaded from 0 to 100, so that the shade means the same in every column and week."""

_A4 = 9
_MOST_LINES = 30
# A width counts digits in the usual size of 11 points; that many letters of ours go into one.
_PER_WIDTH = 1.25
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RUNNABLE = re.compile("\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\n]")
_ADDRESS = re.compile(
    r"""(?:[^\x00-\x20"<>\\^`{|}\[\]%\x7f\ud800-\udfff\ufffe\uffff]|%[0-9a-fA-F]{2})*"""
)
# Before it Excel's calendar is a day off, since it counts a 29 February 1900.
_FIRST_DAY = date(1900, 3, 1)


@dataclass(frozen=True)
class Limits:
    """What Excel can hold: rows (with the header) and links a sheet, characters a cell and a link.

    With more than `rows_in_memory` in all, rows are written as they come. Then their texts stand in
    the cells themselves, which every program but Apple's Numbers can read, and their heights are
    left to the program, since XlsxWriter would remember each.
    """

    rows: int = 1_048_576
    links: int = 65_530
    text: int = 32_767
    address: int = 2_079
    rows_in_memory: int = 50_000


EXCEL = Limits()


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, its width in characters and the kind of what it holds.

    `meaning` explains the heading where it doesn't speak for itself; `labels` are what is shown in
    place of some values; a column that isn't printed is there to be looked up on the screen.
    """

    heading: str
    width: int
    kind: str = "text"
    meaning: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    is_printed: bool = True


@dataclass(frozen=True)
class Table:
    """A sheet that is one table: what it is about, and a query that gives its columns in order.

    The first `frozen` columns stay in sight. `mart` has all rows, also those Excel can't hold.
    """

    name: str
    about: str
    mart: str
    query: str
    columns: Sequence[Column]
    frozen: int


class Book:
    """A workbook being written, sheet by sheet and row by row from the top."""

    def __init__(self, workbook: Any, title: str, limits: Limits) -> None:
        self._workbook = workbook
        self._is_streamed = bool(workbook.constant_memory)
        self._title = title
        self.limits = limits
        self._formats: dict[tuple[str, bool], Any] = {}
        self._links: Counter[str] = Counter()
        self._tiers: dict[str, str] = {}

    def add_sheet(self, name: str) -> Any:
        """An empty sheet that prints in landscape, one page wide, with what it is on each page."""
        sheet = self._workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_header(f"&L&9{self._title}&R&9&A")
        sheet.set_footer("&R&9page &P of &N")
        return sheet

    def add_table(self, table: Table, rows: Iterable[Sequence[object]]) -> None:
        """A sheet with the rows as a table, as many as Excel can hold."""
        sheet = self.add_sheet(table.name)
        self._write_headings(sheet, table.columns)
        last = 0
        for last, values in enumerate(islice(rows, self.limits.rows - 1), start=1):
            if not self._is_streamed:
                sheet.set_row(last, height(_texts(table.columns, values)))
            for index, column in enumerate(table.columns):
                self._write_cell(sheet, last, index, column, values[index])
        _lay_out(sheet, table, last)

    def write(self, sheet: Any, row: int, column: int, value: object, style: str = "text") -> None:
        """A cell with the value as what it is: a text, a number, a date or, for None, empty."""
        if isinstance(value, str):
            self._write_text(sheet, row, column, plain_text(value, self.limits.text), style)
        elif isinstance(value, date) and value >= _FIRST_DAY:
            sheet.write_datetime(row, column, value, self._format(style))
        elif isinstance(value, int | float | Decimal) and isfinite(value):
            sheet.write_number(row, column, float(value), self._format(style))
        elif value is None:
            sheet.write_blank(row, column, None, self._format(style))
        else:
            self._write_text(sheet, row, column, str(value), style)

    def write_across(
        self, sheet: Any, row: int, first: int, last: int, text: str, style: str
    ) -> None:
        """A text over the cells from the first to the last column."""
        sheet.merge_range(row, first, row, last, "", self._format(style))
        self.write(sheet, row, first, text, style)

    def _write_headings(self, sheet: Any, columns: Sequence[Column]) -> None:
        sheet.set_row(0, 30)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            self.write(sheet, 0, index, column.heading, "heading")
            if column.meaning:
                sheet.write_comment(0, index, column.meaning, {"x_scale": 2, "font_size": 9})

    def _write_cell(self, sheet: Any, row: int, index: int, column: Column, value: object) -> None:
        if isinstance(value, str):
            value = column.labels.get(value, value)
            if column.kind == "link" and self._is_linked(sheet, value):
                sheet.write_url(row, index, value, self._format("link"), value)
                return
        self.write(sheet, row, index, value, self._style(column.kind, value))

    def _is_linked(self, sheet: Any, text: str) -> bool:
        is_possible = self._links[sheet.name] < self.limits.links
        if is_possible and is_linkable(text, self.limits.address):
            self._links[sheet.name] += 1
            return True
        return False

    def _style(self, kind: str, value: object) -> str:
        """The kind itself, but of a link that became none plain text, of a tier its own."""
        if kind != "tier":
            return "text" if kind == "link" else kind
        return self._tiers.setdefault(str(value), f"tier {min(len(self._tiers) + 1, _TIER_STYLES)}")

    def _format(self, style: str, *, is_quoted: bool = False) -> Any:
        """The format of a style; quoted, a text stays one when somebody edits its cell."""
        key = (style, is_quoted)
        if key not in self._formats:
            properties = {**_BASE, **_STYLES[style], "quote_prefix": is_quoted}
            self._formats[key] = self._workbook.add_format(properties)
        return self._formats[key]

    def _write_text(self, sheet: Any, row: int, column: int, text: str, style: str) -> None:
        cell_format = self._format(style, is_quoted=bool(_RUNNABLE.match(text)))
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter would take it for markup that it had made itself, and not escape it.
            sheet.write_rich_string(row, column, text[0], text[1], text[2:], cell_format)
        else:
            sheet.write_string(row, column, text, cell_format)


@contextmanager
def written(
    path: Path, created: date, title: str, subject: str, *, rows: int, limits: Limits = EXCEL
) -> Iterator[Book]:
    """A new workbook at the path, whole once the block ends without an error.

    `created` stands in the file in place of today, so that the same content gives the same bytes.
    `rows` is how many there will be in all. Raises OSError where the file can't be written.
    """
    workbook = xlsxwriter.Workbook(
        str(path),
        {
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "constant_memory": rows > limits.rows_in_memory,
            "tmpdir": str(path.parent),
        },
    )
    midnight = datetime(created.year, created.month, created.day)
    workbook.set_properties({"title": title, "subject": subject, "created": midnight})
    yield Book(workbook, title, limits)
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] from error


def plain_text(text: str, most: int) -> str:
    """The text as a cell can hold it: no character that XML can't, at most so many as Excel counts.

    Excel counts a character beyond the basic plane as two.
    """
    text = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - len(CUT))].decode("utf-16-le", errors="ignore") + CUT


def is_linkable(text: str, most: int) -> bool:
    """Whether Excel can hold it as a link to the web that is safe to open."""
    return bool(
        web_address(text) and _ADDRESS.fullmatch(text) and len(text.encode("utf-16-le")) <= 2 * most
    )


def height(texts: Iterable[tuple[str, int]]) -> float:
    """The height in points of a row for texts in columns of these widths, as far as is sensible.

    Excel fits rows to their texts by itself, but not to those in merged cells, and other programs
    to none.
    """
    lines = max((_lines(text, width) for text, width in texts), default=1)
    return 2 + 13 * min(lines, _MOST_LINES)


@lru_cache(maxsize=500)
def _lines(text: str, width: int) -> int:
    if len(text) <= width and "\n" not in text:
        return 1
    return sum(len(wrap(line, int(width * _PER_WIDTH))) or 1 for line in text.split("\n"))


def _texts(columns: Sequence[Column], values: Sequence[object]) -> Iterator[tuple[str, int]]:
    for column, value in zip(columns, values, strict=True):
        if isinstance(value, str) and column.kind != "link":
            yield value, column.width


def _lay_out(sheet: Any, table: Table, last_row: int) -> None:
    """What makes a table easy to read: fixed headings, filters, shades, pages that print well."""
    columns = table.columns
    printed = [index for index, column in enumerate(columns) if column.is_printed]
    sheet.freeze_panes(1, table.frozen)
    sheet.autofilter(0, 0, last_row, len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, last_row, printed[-1])
    for index, column in enumerate(columns):
        if column.kind == "score" and last_row:
            sheet.conditional_format(1, index, last_row, index, _SHADES)
