"""The sheet that explains the workbook: what it was made from, how old that is, how to read it.

Here belong its sections and their words. What a heading means stands with its column (`workbook`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from expectations.results import Finding, GateResults
from orchestration.explanations import ask
from orchestration.publishing.pages import long_date, words
from orchestration.publishing.xlsx_files import Book, Limits, Table, height

_WIDTHS = (26, 26, 15, 15, 15, 15, 30)
_LAST = len(_WIDTHS) - 1

_OUTCOMES = {
    "listed": (
        "Listed",
        "Right organisation, right people, right issue, and within the capacity of a tier.",
    ),
    "below_line": (
        "Below the line",
        "A leg or the whole is too low yet, or there was no place left; watched, not dropped.",
    ),
    "qualified_out": (
        "Qualified out",
        "Ruled out on purpose, by the document or by sales; qualified_out.csv gives the reasons.",
    ),
    "suppressed": (
        "Suppressed",
        "Must not be listed: customers, competitors, those who asked to be left alone. They are "
        "named nowhere in this workbook.",
    ),
}
"""The outcomes in the order of the sheet, each with its name and what it means."""

_ANSWERS = (
    "Sales can answer to each account, and the next list heeds it: accepted, or qualified out with "
    "a reason and, where it isn't for good, the last day it holds.",
    "To answer, add the columns answer, answered, because and not before to this week's "
    "target_accounts.csv (or to the sheet List, saved as CSV), fill them in where there is "
    "something to say, and leave the account ids as they are.",
    "Put the file where sources.yml has the table verdicts. docs/sources.md, "
    '"What sales answers: verdicts", shows such a file and how to name its columns.',
)


@dataclass(frozen=True)
class Sheet:
    """A table of the workbook, and how many rows it has, also those that Excel can't hold."""

    table: Table
    rows: int


def write_read_me(
    book: Book, marts: duckdb.DuckDBPyConnection, gate: GateResults, sheets: Sequence[Sheet]
) -> None:
    """Add the sheet to the book behind the sheets that it explains."""
    meta = ask(marts, "select * from meta")[0]
    page = _Page(book)
    page.title(f"Target accounts, week of {long_date(meta['list_week'])}")
    if meta["is_made_up"]:
        page.warning("Made-up data: no company and no person in this workbook exists.")
    _write_gate(page, gate)
    _write_version(page, meta)
    _write_sheets(page, sheets, book.limits)
    _write_outcomes(page, marts)
    _write_meanings(page, sheets)
    _write_answers(page)
    _write_ages(page, marts)


class _Page:
    """The sheet as it grows downwards."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sheet = book.add_sheet("Read me")
        self._sheet.set_portrait()
        self._sheet.hide_gridlines(2)
        self._row = 0
        for column, width in enumerate(_WIDTHS):
            self._sheet.set_column(column, column, width)

    def title(self, text: str) -> None:
        self._sheet.set_row(self._row, 24)
        self._put(0, text, "title")
        self._row += 1

    def section(self, text: str) -> None:
        self._row += 1
        self._span(0, _LAST, text, "section")

    def warning(self, text: str) -> None:
        self._span(0, _LAST, text, "warning")

    def paragraph(self, text: str) -> None:
        self._span(0, _LAST, text, "text")

    def entry(self, name: str, text: str, style: str = "text") -> None:
        """A name, and beside it a text over all other columns."""
        self._put(0, name, "name")
        self._span(1, _LAST, text, style)

    def fact(self, name: str, value: object, style: str = "text") -> None:
        """A name, and beside it one cell."""
        self.row((name, value), ("name", style))

    def counted(self, name: str, text: str, count: int, style: str) -> None:
        """A name, what it means, and a number in the last column."""
        self._put(0, name, "name")
        self._put(_LAST, count, style)
        self._span(1, _LAST - 1, text, "text")

    def row(self, values: Iterable[object], styles: Iterable[str]) -> None:
        for column, (value, style) in enumerate(zip(values, styles, strict=True)):
            self._put(column, value, style)
        self._row += 1

    def _put(self, column: int, value: object, style: str) -> None:
        self._book.write(self._sheet, self._row, column, value, style)

    def _span(self, first: int, last: int, text: str, style: str) -> None:
        """A text over several cells."""
        if style != "section":
            width = sum(_WIDTHS[first : last + 1])
            self._sheet.set_row(self._row, height([(text, width)]))
        self._book.write_across(self._sheet, self._row, first, last, text, style)
        self._row += 1


def _write_gate(page: _Page, gate: GateResults) -> None:
    page.section("What the gate noted")
    for finding in gate.banners:
        page.entry(words(finding.check), _noted(finding), "warning")
    if not gate.banners:
        page.paragraph("Nothing: every check of the data and of the list passed.")
    page.paragraph("gate.html, beside this file, has every check, with those of the files too.")


def _noted(finding: Finding) -> str:
    text = f"Found {finding.found}, expected {finding.expected}. {finding.why}"
    if finding.accepted:
        text += f" Accepted once by {finding.accepted.by}: {finding.accepted.because}"
    return text


def _write_version(page: _Page, meta: dict[str, Any]) -> None:
    page.section("This list")
    page.fact("List week", meta["list_week"], "date")
    compared = meta["compared_with_week"]
    page.fact("Compared with the list of", compared or "no earlier one", "date")
    if another := meta.get("compared_document_version"):
        page.fact("… by another document, version", another, "version")
    page.fact("Version of the document", meta["document_version"], "version")
    page.fact("Version of this list", meta["publish_id"])


def _write_sheets(page: _Page, sheets: Sequence[Sheet], limits: Limits) -> None:
    page.section("The sheets")
    for sheet in sheets:
        page.counted(sheet.table.name, sheet.table.about, sheet.rows, "rows")
        if sheet.rows >= limits.rows:
            page.entry(
                "",
                f"Excel holds no more than the first {limits.rows - 1:,} of these rows; all are in "
                f"marts/{sheet.table.mart}.parquet.",
                "warning",
            )


def _write_outcomes(page: _Page, marts: duckdb.DuckDBPyConnection) -> None:
    page.section("What became of every account we know")
    counts = dict(
        marts.execute("select outcome, count(*) from account_scores group by outcome").fetchall()
    )
    for outcome, (name, meaning) in _OUTCOMES.items():
        page.counted(name, meaning, counts.get(outcome, 0), "accounts")


def _write_ages(page: _Page, marts: duckdb.DuckDBPyConnection) -> None:
    page.section("The data and its age")
    page.row(_AGE_HEADINGS.keys(), _AGE_HEADINGS.values())
    for row in marts.execute(_AGES).fetchall():
        page.row(row, ("name", "text", "date", "count", "count", "count", "text"))
    newest, quietest = marts.execute(_SIGNALS).fetchone() or (None, None)
    page.fact("Newest signal on the list", newest or "none", "date")
    page.fact("Quietest account since", quietest or "none", "date")


def _write_meanings(page: _Page, sheets: Sequence[Sheet]) -> None:
    page.section("How to read the columns")
    columns = [column for sheet in sheets for column in sheet.table.columns]
    meanings = {column.heading: column.meaning for column in columns if column.meaning}
    for heading, meaning in meanings.items():
        page.entry(heading, meaning)


def _write_answers(page: _Page) -> None:
    page.section("What sales answers")
    for text in _ANSWERS:
        page.paragraph(text)


_AGE_HEADINGS = {
    "Source": "heading",
    "Table": "heading",
    "Newest batch": "heading",
    "Days old": "number heading",
    "Rows": "number heading",
    "Set aside": "number heading",
    "Note": "heading",
}

_AGES = """
    select
        source, table_name, max(stamped_week) as newest_batch,
        any_value(list_week) - max(stamped_week) as days_old, sum(rows)::bigint as rows,
        sum(rejects)::bigint as set_aside,
        concat_ws(
            ', ',
            case when bool_or(is_made_up) then 'made up' end,
            case when bool_or(is_known_later) then 'fetched for a later week' end
        ) as note
    from source_batches
    group by source, table_name
    order by source, table_name
"""

_SIGNALS = "select max(newest_signal_date), min(newest_signal_date) from target_accounts"
