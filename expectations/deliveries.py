"""What each source delivered, held against its promise and against the batch before.

Here belong judgements that need a measure from outside the batch: the number of rows it had, the
shares and medians of its columns, the week it is stamped with. The measure is the batch that the
last published list used, since what was refused was never good.

Statistics on fewer than FEWEST rows say nothing, so such batches are not measured by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from expectations.checks import Check, no_rows, text_literal

FEWEST = 20
"""Rows or values that a share or a median needs."""
MOST_NULL_RISE_PCT = 20
"""Percentage points by which the share of missing values may rise from batch to batch."""
FACTOR = 5
"""A figure that is this many times larger or smaller than it was has most likely another unit."""
MOST_MOVED_PCT = 10
"""Share of companies whose figure may move by FACTOR."""
MOST_REJECTS_PCT, NOTED_REJECTS_PCT = 20, 5
MOST_UNREAD_PCT = 20
OLDEST_BATCH_DAYS = 28
OLDEST_SIGNAL_DAYS = 35

MEASURED = {
    "companies": ("name", "domain", "country", "industry", "employees", "revenue_usd"),
    "contacts": ("source_company_id", "company_domain", "title"),
    "signals": ("domain", "occurred_at", "strength"),
}
"""The columns whose share of missing values is held against the batch before, by table."""

_EVENTS = ("signals",)


@dataclass(frozen=True)
class Delivery:
    """The newest batch of a source and table that this week's list uses, and what was promised.

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


def delivered(deliveries: tuple[Delivery, ...], list_week: date) -> list[Check]:
    """The checks of what was delivered, or none where no delivery is known."""
    if not deliveries:
        return []
    return [
        *_volumes(deliveries),
        *(_null_rates(table, deliveries) for table in MEASURED),
        _addresses(deliveries),
        _distribution("employees", "coalesce(employees, (employees_low + employees_high) / 2)"),
        _distribution("revenue", "revenue_usd"),
        *_rejects(deliveries),
        *_freshness(deliveries, list_week),
    ]


def oldest_batch(list_week: date) -> date:
    """The earliest week that a batch can be stamped with and still be called fresh."""
    return list_week - timedelta(days=OLDEST_BATCH_DAYS)


def _volumes(deliveries: tuple[Delivery, ...]) -> list[Check]:
    snapshots = [d for d in deliveries if d.table not in _EVENTS]
    events = [d for d in deliveries if d.table in _EVENTS]
    required = [d for d in deliveries if d.is_required]
    return [
        *(_volume_of_snapshots(snapshots) if snapshots else ()),
        *(_volume_of_events(events) if events else ()),
        *(_volume_of_required(required) if required else ()),
        _landed(deliveries),
    ]


def _volume_of_snapshots(deliveries: list[Delivery]) -> list[Check]:
    return [
        no_rows(
            "volume",
            "raw.batches",
            _counted(deliveries) + "where coalesce(rows, 0) < rows_before * (1 - max_shrink) "
            "and not (is_required and coalesce(rows, 1) = 0)",
            acceptable=True,
            why="A source that suddenly gives much less usually broke; accounts would vanish from "
            "the list for no reason in the market.",
            expected="no source shrinks by more than its max_shrink against the batch that the "
            "last published list used; if it truly shrank, accept it once or raise its max_shrink",
        )
    ]


def _volume_of_events(deliveries: list[Delivery]) -> list[Check]:
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
    return [
        no_rows(
            "required_tables_filled",
            "raw.batches",
            _counted(deliveries) + "where is_required and rows = 0",
            why="A source marked as required gave nothing; a list without it would be wrong, for "
            "instance by naming customers or people who asked not to be contacted.",
            expected="every table of a required source holds at least one row",
        )
    ]


def _landed(deliveries: tuple[Delivery, ...]) -> Check:
    return no_rows(
        "every_source_landed",
        "raw.batches",
        "select source, string_agg(table_name, ', ' order by table_name) as tables from "
        f"({_counted(deliveries)} where batch_id = '') as missing group by source",
        why="A source that never gave anything is missing without a trace; the list would look "
        "complete and not be. `prospects fetch` with its name says what is wrong.",
        expected="at least one batch of every table that sources.yml promises",
    )


def _null_rates(table: str, deliveries: tuple[Delivery, ...]) -> Check:
    return no_rows(
        f"missing_values_{table}",
        f"raw.{table}",
        _rises(table, MEASURED[table], deliveries),
        acceptable=True,
        why=f"A column of {table} that was filled and no longer is usually lost its name in an "
        "export; whatever rests on it would silently count as unknown.",
        expected=f"of no column more than {MOST_NULL_RISE_PCT} percentage points more values are "
        "missing than in the batch before",
    )


def _addresses(deliveries: tuple[Delivery, ...]) -> Check:
    return no_rows(
        "missing_addresses",
        "raw.contacts",
        _rises("contacts", ("email",), deliveries),
        why="Who asked by mail to be left alone is known by the address; people who come without "
        "it can't be told from those any more. A source that means to give no addresses from now "
        "on takes another name in sources.yml, once its opt-outs stand in a suppression list.",
        expected=f"at most {MOST_NULL_RISE_PCT} percentage points more people come without an "
        "e-mail address than in the batch before",
    )


def _rises(table: str, columns: tuple[str, ...], deliveries: tuple[Delivery, ...]) -> str:
    """The columns of which more values are missing than before, by source."""
    newest = ", ".join(text_literal(d.batch_id) for d in deliveries if d.table == table) or "null"

    def rates(relation: str) -> str:
        shares = ", ".join(f"100.0 * (1 - count({c}) / count(*)) as {c}" for c in columns)
        return (
            f"select source, {shares} from {relation} group by source having count(*) >= {FEWEST}"
        )

    rises = " union all ".join(
        f"select arrived.source, {text_literal(c)} as column_name, "
        f"round(earlier.{c}, 1) as missing_pct_before, round(arrived.{c}, 1) as missing_pct "
        "from arrived join earlier on arrived.source = earlier.source "
        f"where arrived.{c} - earlier.{c} > {MOST_NULL_RISE_PCT}"
        for c in columns
    )
    return (
        f", arrived as ({rates(f'this where batch_id in ({newest})')}), "
        f"earlier as ({rates(f'raw.{table}_before')}) {rises}"
    )


def _distribution(figure: str, value: str) -> Check:
    def values(relation: str) -> str:
        return (
            f"select source, source_company_id, {value} as figure from {relation} where {value} > 0"
        )

    def medians(relation: str) -> str:
        return (
            f"select source, median(figure) as median from {relation} "
            f"group by source having count(*) >= {FEWEST}"
        )

    usual = f"between {1 / FACTOR!r} and {FACTOR}"
    return no_rows(
        f"{figure}_comparable",
        "raw.companies",
        f", arrived as ({values('this')}), earlier as ({values('raw.companies_before')}), "
        "moved as (select arrived.source, 100.0 * avg(case when arrived.figure / earlier.figure "
        f"{usual} then 0 else 1 end) as moved_pct from arrived join earlier "
        "on arrived.source = earlier.source "
        "and arrived.source_company_id = earlier.source_company_id "
        f"group by arrived.source having count(*) >= {FEWEST}) "
        "select now.source, round(before.median) as median_before, round(now.median) as median, "
        f"round(moved.moved_pct, 1) as moved_pct from ({medians('arrived')}) as now "
        f"join ({medians('earlier')}) as before on now.source = before.source "
        "left join moved on now.source = moved.source "
        f"where now.median / before.median not {usual} or moved.moved_pct > {MOST_MOVED_PCT}",
        acceptable=True,
        why=f"The {figure} of many companies can't change this much at once; most often a source "
        "now counts in thousands or in another currency, and criteria on it would be wrong.",
        expected=f"the median {figure} of a source within a factor of {FACTOR} of the batch "
        f"before, and at most {MOST_MOVED_PCT} % of its companies moved by more than that",
    )


def _rejects(deliveries: tuple[Delivery, ...]) -> list[Check]:
    newest = ", ".join(text_literal(d.batch_id) for d in deliveries)
    unread = f"100.0 * unconverted / rows > {MOST_UNREAD_PCT} and batch_id in ({newest})"
    shares = (
        "select source, table_name, rows, rejects from this as landed where rows + rejects >= "
        f"{FEWEST} and batch_id in ({newest}) and 100.0 * rejects / (rows + rejects) "
    )
    return [
        no_rows(
            "suppressions_set_aside",
            "raw.batches",
            "select source, rejects from this as landed where table_name = 'suppressions' "
            f"and rejects > 0 and batch_id in ({newest})",
            severity="warning",
            why="A row that can't be read suppresses nobody, so that somebody who asked to be left "
            "alone may be on this list; `rejects/suppressions/` has the rows with their reason.",
            expected="every row of the lists of whom to leave alone can be read",
        ),
        no_rows(
            "rejects",
            "raw.batches",
            f"{shares} > {MOST_REJECTS_PCT}",
            acceptable=True,
            why="When this many rows can't be read, the source has changed its form, and what is "
            "left of it is no fair picture.",
            expected=f"at most {MOST_REJECTS_PCT} % of a batch of {FEWEST} rows or more set aside",
        ),
        no_rows(
            "rejects_noted",
            "raw.batches",
            f"{shares} between {NOTED_REJECTS_PCT} and {MOST_REJECTS_PCT}",
            severity="warning",
            why="These rows are not in the list; the reason of each stands beside it under "
            "rejects/.",
            expected=f"less than {NOTED_REJECTS_PCT} % of a batch of {FEWEST} rows or more set "
            "aside",
        ),
        no_rows(
            "values_read",
            "raw.batches",
            "select source, table_name, rows, unconverted from this as landed "
            f"where rows >= {FEWEST} and {unread}",
            severity="warning",
            why="A value that can't be read counts as unknown. Where there are many, a source most "
            "often writes its dates or numbers in another way than `sources.yml` says; with day "
            "and month in each other's place, those that could be read are wrong too.",
            expected=f"at most {MOST_UNREAD_PCT} values that can't be read in 100 rows of a batch "
            f"of {FEWEST} rows or more; texts that mean nothing stand under `empty` of their "
            "column",
        ),
    ]


def _freshness(deliveries: tuple[Delivery, ...], list_week: date) -> list[Check]:
    limit = oldest_batch(list_week)
    old = (
        "select source, table_name, max(stamped_week) as newest from this as used "
        "where not is_known_later group by source, table_name "
        f"having max(stamped_week) < date '{limit}' and source "
    )
    required = ", ".join(text_literal(d.source) for d in deliveries if d.is_required) or "null"
    oldest = list_week - timedelta(days=OLDEST_SIGNAL_DAYS)
    return [
        no_rows(
            "required_sources_fresh",
            "raw.batches",
            f"{old} in ({required})",
            acceptable=True,
            why="The list was said to need this source, and what it last gave is too old to act "
            "on: customers may have been won and people may have left since.",
            expected=f"a batch of every required source from the last {OLDEST_BATCH_DAYS} days",
        ),
        no_rows(
            "sources_fresh",
            "raw.batches",
            f"{old} not in ({required})" if required != "null" else f"{old} is not null",
            severity="warning",
            why="This source has not answered for weeks; what it says of accounts is out of date.",
            expected=f"a batch of every source from the last {OLDEST_BATCH_DAYS} days",
        ),
        no_rows(
            "signals_recent",
            "raw.signals",
            "select source, max(coalesce(known_at, occurred_at)) as newest "
            "from this as seen where coalesce(known_at, occurred_at) < "
            f"date '{list_week}' + 1 group by source "
            "having max(coalesce(known_at, occurred_at)) < "
            f"date '{oldest}'",
            severity="warning",
            why="A source of signals that has nothing new most often delivers the same file again; "
            "its accounts cool down although nothing happened.",
            expected=f"a signal of the last {OLDEST_SIGNAL_DAYS} days from every source of signals",
        ),
    ]


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
