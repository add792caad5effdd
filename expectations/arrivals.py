"""What must hold of the batches that arrived, before anything is made of them.

Here belong judgements on batches: how many rows against last time, keys, required columns.
Not here: single rows (landing sets bad ones aside as rejects) and the logic of models (dbt tests).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from expectations.checks import Check, has_columns, has_rows, no_rows, text_literal

KEYS = {
    "companies": ("source_company_id",),
    "company_relationships": ("child_source_company_id", "parent_source_company_id", "kind"),
    "contacts": ("source_contact_id",),
    "signals": ("source_signal_id",),
    "deals": ("source_deal_id",),
    "owners": ("source_owner_id",),
    "suppressions": ("key_kind", "key"),
    "verdicts": ("given_date", "verdict"),
}
"""The columns of each input table that must be filled."""

NEEDED = {
    "companies": ("name", "domain", "country"),
    "contacts": ("source_company_id", "company_domain", "title", "email", "is_opted_out"),
    "signals": ("kind", "domain", "known_at", "occurred_at", "strength"),
    "deals": ("outcome", "created_at", "closed_at"),
    "suppressions": ("reason", "until_date"),
    "verdicts": ("source_company_id", "domain"),
}
"""Further columns without which the list can't be made, though single values may be missing."""

_PROVENANCE = ("source", "batch_id", "observed_at")
_EVENTS = ("signals",)


@dataclass(frozen=True)
class Delivery:
    """A batch that this week's list uses, and what its source promised.

    `rows_before` counts the last earlier batch of the same source and table, None where there is
    none; `max_shrink` is a share (0.15 is 15 %).
    """

    source: str
    table: str
    batch_id: str
    rows_before: int | None
    max_shrink: float
    is_required: bool

    def as_values(self) -> str:
        """The delivery as one row of an SQL `values` list."""
        texts = ", ".join(text_literal(t) for t in (self.source, self.table, self.batch_id))
        before = "null" if self.rows_before is None else str(self.rows_before)
        return f"({texts}, {before}, {self.max_shrink!r}, {str(self.is_required).lower()})"


def arrivals(deliveries: Iterable[Delivery]) -> tuple[Check, ...]:
    """The suite over the raw tables of a warehouse and the deliveries its list rests on."""
    return (
        *_volumes(tuple(deliveries)),
        *_columns(),
        *_filled_keys(),
        *_unique_keys(),
        _universe(),
    )


def _universe() -> Check:
    return has_rows(
        "companies_arrived",
        "raw.companies",
        why="Without a single company there is nothing to choose from.",
        expected="at least one company from any source",
    )


def _columns() -> list[Check]:
    return [
        has_columns(
            f"columns_{table}",
            f"raw.{table}",
            (*_PROVENANCE, *keys, *NEEDED.get(table, ())),
            why=f"The list can't be made from {table} that lack a column it reads.",
        )
        for table, keys in KEYS.items()
    ]


def _filled_keys() -> list[Check]:
    return [
        no_rows(
            f"keys_filled_{table}",
            f"raw.{table}",
            "select source, batch_id, count(*) as keyless from this as arrived where "
            + " or ".join(f"{key} is null" for key in ("source", "batch_id", *keys))
            + " group by all",
            why=f"A row of {table} without its key can't be traced, updated or suppressed.",
            expected=f"source, batch_id, {', '.join(keys)} filled in every row",
        )
        for table, keys in KEYS.items()
    ]


def _unique_keys() -> list[Check]:
    return [
        no_rows(
            f"keys_unique_{table}",
            f"raw.{table}",
            f"select source, batch_id, {', '.join(keys)}, count(*) as times "
            "from this as arrived group by all having count(*) > 1",
            why=f"{table} delivered twice in one batch would count twice.",
            expected=f"each {', '.join(keys)} once per batch",
        )
        for table, keys in KEYS.items()
        if table != "verdicts"
    ]


def _volumes(deliveries: tuple[Delivery, ...]) -> list[Check]:
    """Volume checks, or none where no delivery is known to compare."""
    if not deliveries:
        return []
    snapshots = [d for d in deliveries if d.table not in _EVENTS]
    events = [d for d in deliveries if d.table in _EVENTS]
    required = [d for d in deliveries if d.is_required]
    return [
        *_volume_of_snapshots(snapshots),
        *_volume_of_events(events),
        *_volume_of_required(required),
    ]


def _volume_of_snapshots(deliveries: list[Delivery]) -> list[Check]:
    if not deliveries:
        return []
    return [
        no_rows(
            "volume",
            "raw.batches",
            _counted(deliveries) + "where coalesce(rows, 0) < rows_before * (1 - max_shrink)",
            why="A source that suddenly gives much less usually broke; accounts would vanish from "
            "the list for no reason in the market.",
            expected="no source shrinks by more than its max_shrink against its last batch",
        )
    ]


def _volume_of_events(deliveries: list[Delivery]) -> list[Check]:
    if not deliveries:
        return []
    return [
        no_rows(
            "volume_of_signals",
            "raw.batches",
            _counted(deliveries) + "where coalesce(rows, 0) < rows_before * (1 - max_shrink)",
            severity="warning",
            why="Signals come and go with the market, but a sharp fall may be a broken source and "
            "makes accounts look less urgent than they are.",
            expected="no source of signals shrinks by more than its max_shrink",
        )
    ]


def _volume_of_required(deliveries: list[Delivery]) -> list[Check]:
    if not deliveries:
        return []
    return [
        no_rows(
            "required_tables_filled",
            "raw.batches",
            _counted(deliveries) + "where coalesce(rows, 0) = 0",
            why="A source marked as required gave nothing; a list without it would be wrong, for "
            "instance by naming customers or people who asked not to be contacted.",
            expected="every table of a required source holds at least one row",
        )
    ]


def _counted(deliveries: list[Delivery]) -> str:
    """A query of delivered rows beside the promise; the caller adds which of them are wrong."""
    promised = ", ".join(delivery.as_values() for delivery in deliveries)
    return (
        "select source, table_name, batch_id, rows, rows_before, max_shrink from (values "
        f"{promised}) as promised "
        "(source, table_name, batch_id, rows_before, max_shrink, is_required) "
        "left join (select distinct source, table_name, batch_id, rows from this as landed) "
        "as delivered using (source, table_name, batch_id) "
    )
