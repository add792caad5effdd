"""CSV as such: streaming rows of a query to a file, and what makes a cell dangerous.

Which files there are and for whom is in `people_files` and `import_files`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl

BATCH_ROWS = 100_000

FORMULA_START = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|^[\t\r\n]"
"""What a spreadsheet may take for a formula, also after white space and in full width."""


def frames(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pl.DataFrame]:
    """The rows of an ordered query in frames of bounded size; at least one frame, maybe empty."""
    reader = connection.execute(query).to_arrow_reader(BATCH_ROWS)
    yield pl.DataFrame(reader.schema.empty_table())
    for batch in reader:
        yield pl.DataFrame(batch)


def write(
    path: Path,
    rows: Iterator[pl.DataFrame],
    *,
    byte_order_mark: bool,
    quotes: Literal["always", "necessary"],
) -> None:
    """Write frames of one schema as a CSV file with a header, CRLF line ends and UTF-8."""
    with path.open("wb") as file:
        for number, frame in enumerate(rows):
            frame.write_csv(
                file,
                include_header=number == 0,
                include_bom=byte_order_mark and number == 0,
                quote_style=quotes,
                line_terminator="\r\n",
            )


def begins_formula(column: str) -> pl.Expr:
    """True where a text could be taken for a formula."""
    return pl.col(column).str.contains(FORMULA_START).fill_null(False)


def text_columns(frame: pl.DataFrame) -> list[str]:
    """The names of the columns that hold text."""
    return [name for name, kind in frame.schema.items() if kind == pl.String]
