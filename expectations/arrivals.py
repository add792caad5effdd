"""What must hold of the batches that arrived, before anything is made of them.

Here belong judgements on batches: how many rows against last time, keys, required columns.
Not here: single rows (landing sets bad ones aside as rejects) and the logic of models (dbt tests).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

LEGS = {"organisation": "companies", "people": "contacts", "issue": "signals"}
"""The input table without a row of which a leg can't be judged."""

_PROVENANCE = ("source", "batch_id", "observed_at")
_EVENTS = ("signals",)


@dataclass(frozen=True)
class Delivery:
    """A batch that this week's list uses, and what its source promised.

    `rows_before` counts the batch of the same source and table that the last published list used,
    or else the one that landed before; None where there is none. `max_shrink` is a share (0.15 is
    15 %).
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


def arrivals(
    deliveries: Iterable[Delivery], judged_legs: Iterable[str] = tuple(LEGS)
) -> tuple[Check, ...]:
    """The suite over the raw tables of a warehouse and the deliveries its list rests on.

    `judged_legs` are those whose weight in the document is above 0. The names of the checks do not
    depend on it.
    """
    return (
        *_volumes(tuple(deliveries)),
        _answered(),
        *_legs(tuple(judged_legs)),
        *_columns(),
        *_filled_keys(),
        *_unique_keys(),
    )


def _legs(judged: tuple[str, ...]) -> list[Check]:
    left_out = [leg for leg in LEGS if leg not in judged]
    unjudged = ", ".join(f"({text_literal(leg)})" for leg in left_out)
    here = f" Not judged here: {', '.join(left_out)}." if left_out else ""
    return [
        *(_leg_has_data(leg, table, is_judged=leg in judged) for leg, table in LEGS.items()),
        no_rows(
            "every_leg_judged",
            "raw.batches",
            f"select leg from (values {unjudged or '(null)'}) as unjudged (leg) "
            "where leg is not null",
            severity="warning",
            why="The right organisations, people and issues are all needed; a list that leaves one "
            f"of them out can't tell whether the three align.{here}",
            expected="all three legs have a weight above 0 in the document",
        ),
    ]


def _leg_has_data(leg: str, table: str, *, is_judged: bool) -> Check:
    """The companies are the universe itself, so they are needed whatever the weights."""
    needed = is_judged or table == "companies"
    remedy = (
        "; add one" if table == "companies" else f"; add one, or set ranking.weights.{leg} to 0"
    )
    if not needed:
        remedy = ", before its weight is raised above 0"
    return has_rows(
        f"{leg}_leg_has_data",
        f"raw.{table}",
        severity="critical" if needed else "info",
        why=f"Without a row of {table} the {leg} leg would be 0 for everybody, and that would look "
        "like a result.",
        expected=f"{leg}: a source that gives {table}{remedy}",
    )


def _answered() -> Check:
    return no_rows(
        "sources_answered",
        "raw.batches",
        "select source, table_name, max(stamped_week) as newest from this as used "
        "where not is_known_later group by source, table_name "
        "having max(stamped_week) < (select max(stamped_week) from raw.batches "
        "where not is_known_later)",
        severity="warning",
        why="A source that did not answer is represented by its last good batch: what changed "
        "there since is not in this list.",
        expected="every source gave a batch in the same week as the others",
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
        _landed(deliveries),
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
            expected="no source shrinks by more than its max_shrink against the batch that the "
            "last published list used; if it truly shrank, raise its max_shrink",
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
            _counted(deliveries) + "where rows = 0",
            why="A source marked as required gave nothing; a list without it would be wrong, for "
            "instance by naming customers or people who asked not to be contacted.",
            expected="every table of a required source holds at least one row",
        )
    ]


def _landed(deliveries: tuple[Delivery, ...]) -> Check:
    return no_rows(
        "every_source_landed",
        "raw.batches",
        _counted(deliveries) + "where batch_id = ''",
        why="A source that never gave anything is missing without a trace; the list would look "
        "complete and not be.",
        expected="at least one batch of every table that sources.yml promises",
    )


def _counted(deliveries: Sequence[Delivery]) -> str:
    """A query of delivered rows beside the promise; the caller adds which of them are wrong."""
    promised = ", ".join(delivery.as_values() for delivery in deliveries)
    return (
        "select source, table_name, batch_id, rows, rows_before, max_shrink from (values "
        f"{promised}) as promised "
        "(source, table_name, batch_id, rows_before, max_shrink, is_required) "
        "left join (select distinct source, table_name, batch_id, rows from this as landed) "
        "as delivered using (source, table_name, batch_id) "
    )
