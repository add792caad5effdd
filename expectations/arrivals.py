"""What must hold of the batches that arrived, before anything is made of them.

Here belong keys, required columns, and whether each leg has data. What is measured against the
batch before is in `deliveries`. Not here: single rows (landing sets bad ones aside as rejects) and
the logic of models (dbt tests).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from expectations.checks import Check, has_columns, has_rows, no_rows, text_literal
from expectations.deliveries import Delivery, delivered, oldest_batch

KEYS = {
    "companies": ("source_company_id",),
    "company_relationships": ("child_source_company_id", "parent_source_company_id", "kind"),
    "contacts": ("source_contact_id",),
    "signals": ("source_signal_id",),
    "deals": ("source_deal_id",),
    "owners": ("source_owner_id",),
    "suppressions": ("key_kind", "key", "reason"),
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


def arrivals(
    deliveries: Iterable[Delivery], list_week: date, judged_legs: Iterable[str] = tuple(LEGS)
) -> tuple[Check, ...]:
    """The suite over the raw tables of a warehouse and the deliveries its list rests on.

    `judged_legs` are those whose weight in the document is above 0. The names of the checks depend
    on neither it nor the week.
    """
    return (
        *delivered(tuple(deliveries), list_week),
        _answered(list_week),
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


def _answered(list_week: date) -> Check:
    limit = oldest_batch(list_week)
    return no_rows(
        "sources_answered",
        "raw.batches",
        "select source, table_name, max(stamped_week) as newest from this as used "
        "where not is_known_later group by source, table_name "
        "having max(stamped_week) < (select max(stamped_week) from raw.batches "
        f"where not is_known_later) and max(stamped_week) >= date '{limit}'",
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
            _repeated(("source", "batch_id", *keys)),
            why=f"{table} delivered twice in one batch would count twice.",
            expected=f"each {', '.join(keys)} once per batch",
        )
        for table, keys in KEYS.items()
        if table != "verdicts"
    ]


def _repeated(columns: Sequence[str]) -> str:
    """What stands in these columns more than once, and how often: found by a number, which is cheap
    to count by, then told apart."""
    grain = ", ".join(columns)
    return (
        f"select {grain}, count(*) as times from this as arrived "
        f"where hash({grain}) in (select hash({grain}) from this as counted "
        f"group by hash({grain}) having count(*) > 1) "
        "group by all having count(*) > 1"
    )
