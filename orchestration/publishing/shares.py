"""Counts as shares of a whole, for the bars of pages."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Share:
    """A count with its share of a whole, for a bar."""

    label: str
    count: int
    pct: float


def shares(marts: duckdb.DuckDBPyConnection, query: str) -> list[Share]:
    """The labels and counts that a query gives, in its order, as shares of all of them."""
    counts = marts.execute(query).fetchall()
    whole = sum(count for _, count in counts) or 1
    return [Share(label or "no reason", count, 100 * count / whole) for label, count in counts]
