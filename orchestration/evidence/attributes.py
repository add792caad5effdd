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


def known_before_closing(
    warehouse: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """By attribute: of how many deals it is known today, and of how many of those it was not known
    on the last list before they closed.

    Deals that today's facts judge, of accounts that were on a list by then. What is dated is no
    fact, so that it is not asked.
    """
    facts = warehouse.execute("describe intermediate.int_past_facts_followed").fetchall()
    kept = {column for column, *_ in facts}
    asked = [name for name in names if "." in name or name in kept]
    counts = ", ".join(
        f"count({_expression(name, 'today')}), "
        f"count({_expression(name, 'today')}) filter ({_expression(name, 'then')} is null)"
        for name in asked
    )
    if not counts:
        return {}
    row = warehouse.execute(f"{_LAST_LISTS} select {counts} from lasting").fetchone()
    assert row is not None
    return dict(zip(asked, zip(row[::2], row[1::2], strict=True), strict=True))


_LAST_LISTS = """
    with lists as (
        select outcomes.outcome_id, outcomes.account_id, max(facts.list_week) as list_week
        from intermediate.int_outcomes_gathered as outcomes
        inner join intermediate.int_deals_attributed as deals
            on outcomes.outcome_id = deals.deal_id
        inner join intermediate.int_past_facts_followed as facts
            on outcomes.account_id = facts.account_id
            and facts.list_week <= cast(deals.closed_at as date)
        where outcomes.kind = 'deal' and outcomes.facts_week is null
        group by all
    ),

    lasting as (
        select today, facts as "then"
        from lists
        inner join intermediate.int_outcomes_described as today
            on lists.outcome_id = today.outcome_id and today.kind = 'deal'
        inner join intermediate.int_past_facts_followed as facts
            on lists.account_id = facts.account_id and lists.list_week = facts.list_week
    )
"""


def _typed(texts: pl.Series) -> pl.Series:
    """A source's texts as numbers or dates, where nearly all of them are."""
    numbers = texts.cast(pl.Float64, strict=False)
    numbers = numbers.set(~numbers.is_finite().fill_null(False), None)
    dates = texts.str.to_date("%Y-%m-%d", strict=False)
    enough = READABLE_SHARE * max(texts.count(), 1)
    return next((read for read in (numbers, dates) if read.count() >= enough), texts)


def _expression(name: str, row: str | None = None) -> str:
    """The attribute of a row, which has a name where there are several."""
    of_row = f"{_quoted(row)}." if row else ""
    if "." not in name:
        return f"{of_row}{_quoted(name)}"
    key = name.removeprefix("attributes.")
    return f"map_extract_value({of_row}attributes, '{key.replace(chr(39), chr(39) * 2)}')"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
