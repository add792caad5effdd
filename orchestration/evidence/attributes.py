"""The values that attributes had before each deal, as frames with a type for each attribute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from ingest.documents.attributes import ATTRIBUTES
from orchestration.evidence.outcomes import Deals

if TYPE_CHECKING:
    import duckdb

READABLE_SHARE = 0.95
"""A source's key is of the first type that so many of its values can be read as."""

_NO_FACTOR = ("name", "technologies", "posting_words", "city")
"""Attributes that are words or mere names: no band or value of them is a factor by itself."""


def attribute_values(
    warehouse: duckdb.DuckDBPyConnection, deals: Deals, names: Sequence[str]
) -> pl.DataFrame:
    """One row per deal in their order, one typed column per attribute but those of mere words."""
    wanted = [name for name in names if name not in _NO_FACTOR]
    columns = ", ".join(f"{_expression(name)} as {_quoted(name)}" for name in wanted)
    if not columns:
        return pl.DataFrame()
    values = warehouse.execute(
        f"select outcome_id, {columns} from intermediate.int_outcomes_described where kind = 'deal'"
    ).pl()
    ordered = deals.frame.select("outcome_id").join(
        values, on="outcome_id", how="left", maintain_order="left"
    )
    return ordered.select(
        _typed(ordered[name]) if "." in name else ordered[name] for name in wanted
    )


def offered_attributes(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """Every attribute of a deal's account that a criterion may name: columns, then further keys."""
    keys = warehouse.execute(
        """
        select distinct key from (
            select unnest(map_keys(attributes)) as key
            from intermediate.int_outcomes_described where kind = 'deal'
        ) where not contains(key, '.') order by key
        """
    ).fetchall()
    return [*ATTRIBUTES, *(f"attributes.{key}" for (key,) in keys)]


def _typed(texts: pl.Series) -> pl.Series:
    """A source's texts as numbers or dates, where nearly all of them are."""
    numbers = texts.cast(pl.Float64, strict=False)
    numbers = numbers.set(~numbers.is_finite().fill_null(False), None)
    dates = texts.str.to_date("%Y-%m-%d", strict=False)
    enough = READABLE_SHARE * max(texts.count(), 1)
    return next((read for read in (numbers, dates) if read.count() >= enough), texts)


def _expression(name: str) -> str:
    if "." not in name:
        return _quoted(name)
    key = name.removeprefix("attributes.")
    return f"map_extract_value(attributes, '{key.replace(chr(39), chr(39) * 2)}')"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
