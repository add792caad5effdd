"""The words a suite is written in: one check, and short ways to state the usual ones.

A check names an expectation of Great Expectations and its arguments as plain data; only `runner`
turns it into the real thing. A new kind of expectation needs a new short way here only when two
checks would use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from expectations.results import Severity


@dataclass(frozen=True)
class Check:
    """What must hold of one table, how bad it is when it doesn't, and why.

    `why` and `expected` are read by marketers. `arguments` go to the expectation as they are.
    `acceptable` is a critical check that a person may let pass once, with name and reason: what it
    finds can be true of the market, as a fall in volume can.
    """

    name: str
    table: str
    severity: Severity
    why: str
    expected: str
    expectation: str
    arguments: Mapping[str, object]
    acceptable: bool = False

    @property
    def column(self) -> str | None:
        """The column looked at, where the check is about a single one."""
        column = self.arguments.get("column")
        return column if isinstance(column, str) else None


def no_rows(
    name: str,
    table: str,
    query: str,
    *,
    severity: Severity = "critical",
    acceptable: bool = False,
    why: str,
    expected: str,
) -> Check:
    """The query, in which the table is called `this`, returns no row.

    Offending rows are shown to people, so the query selects ids and counts, nothing personal; they
    are ordered, so that the same rows show the same few.
    """
    this = "with this as not materialized (select * from {batch})"
    arguments = {"unexpected_rows_query": f"{this} {query} order by all"}
    return Check(
        name, table, severity, why, expected, "UnexpectedRowsExpectation", arguments, acceptable
    )


def has_rows(
    name: str, table: str, *, severity: Severity = "critical", why: str, expected: str
) -> Check:
    """The table holds at least one row."""
    arguments = {"min_value": 1}
    return Check(name, table, severity, why, expected, "ExpectTableRowCountToBeBetween", arguments)


def has_columns(name: str, table: str, columns: tuple[str, ...], *, why: str) -> Check:
    """The table has these columns, and may have others."""
    arguments = {"column_set": list(columns), "exact_match": False}
    expected = f"{table} has the columns {', '.join(columns)}"
    return Check(name, table, "critical", why, expected, "ExpectTableColumnsToMatchSet", arguments)


def text_literal(value: str) -> str:
    """The value as an SQL text literal inside a query of `no_rows`.

    Braces and colons are escaped since the query passes through a template and bind parameters.
    """
    escapes = (("'", "''"), ("{", "{{"), ("}", "}}"), (":", "\\:"))
    for plain, escaped in escapes:
        value = value.replace(plain, escaped)
    return f"'{value}'"
