"""What a source that was fetched alone brought, for a terminal: rows, rejects, news of the schema.

Everything is read from the batches as they landed, so it is what a run works on. What a stranger
wrote is shown as text without control characters; secrets of the source are blanked out.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.batches import Batch
from ingest.content_hash import OWN_COLUMNS
from ingest.documents.sources import secrets_of
from ingest.landing import is_whole
from ingest.secrecy import without
from ingest.settings import Settings
from ingest.tables import TABLES
from ingest.unread import told
from orchestration.fetching import FetchedAlone
from orchestration.terminal import WIDTH, columns, fit, printable, shorter

SHOWN_ROWS = 5
SHOWN_REASONS = 8
WIDEST_CELL = 32
FILLED_BY_LANDING = (*OWN_COLUMNS, "observed_at")

# A reason is counted whatever value it found.
_REASONS = r"""
    select
        regexp_replace(reason, ', found [^;]*', '', 'g') as kind, count(*) as rows,
        arg_min(struct_pack(file, line, reason, "row"), (file, line, "row")) as example
    from read_parquet($rejects)
    group by all
    order by rows desc, kind
"""
_ATTRIBUTES = """
    select distinct unnest(list_transform(attributes, lambda entry: entry.key)) as key
    from read_parquet($data)
    order by key
"""


Shown = Callable[[str], str]
"""Makes a text of a stranger's one that may be shown."""


@dataclass(frozen=True)
class Reason:
    """Why rows were set aside: in words without their values, how many, and one of them."""

    kind: str
    rows: int
    example: dict[str, Any]


@dataclass(frozen=True)
class News:
    """What a batch has that the one before it had not, and the other way round.

    unmapped: columns of the vendor without a place; new and gone are of these. filled and emptied
    are columns and attributes of the table that have any value in one of the two batches alone.
    """

    unmapped: Sequence[str]
    new: Sequence[str]
    gone: Sequence[str]
    filled: Sequence[str]
    emptied: Sequence[str]


def format_fetched(settings: Settings, alone: FetchedAlone) -> str:
    """What arrived in each table, as text for a terminal."""
    secrets = secrets_of(alone.source)

    def shown(text: str) -> str:
        return printable(without(text, secrets)) if text else ""

    return "\n".join(_lines(settings, alone, shown)) + "\n"


def reasons(settings: Settings, batch: Batch) -> list[Reason]:
    """Why rows of a batch were set aside, the most frequent first."""
    if not batch.rejects:
        return []
    rejects = f"{batch.rejected(settings)}"
    with duckdb.connect() as connection:
        found = connection.execute(_REASONS, {"rejects": rejects}).fetchall()
    return [Reason(*row) for row in found]


def news(settings: Settings, batch: Batch, before: Batch | None) -> News:
    """What is new in a batch's columns; nothing is where nothing stood before it."""
    if before is None or not is_whole(settings, before):
        return News(batch.new_columns, (), (), (), ())
    had, has = set(before.new_columns), set(batch.new_columns)
    was, now = [], []
    if before.batch_id != batch.batch_id:
        was, now = _filled(settings, before), _filled(settings, batch)
    return News(
        batch.new_columns,
        sorted(has - had),
        sorted(had - has),
        [name for name in now if name not in was],
        [name for name in was if name not in now],
    )


def _lines(settings: Settings, alone: FetchedAlone, shown: Shown) -> Iterator[str]:
    traffic = alone.fetched.traffic
    asked = f"{traffic.requests:,} requests, {traffic.bytes:,} bytes, {traffic.seconds:.1f} s"
    yield f"{alone.source.name} ({alone.source.connector}), list week {alone.week}: {asked}"
    if any(batch.made_up for batch in alone.fetched.batches):
        yield "MADE-UP DATA: nothing of this exists."
    for batch in alone.fetched.batches:
        before = alone.before.get(batch.table)
        yield ""
        yield from _batch_lines(batch, before)
        yield from _row_lines(settings, batch, shown)
        yield from _reject_lines(settings, batch, shown)
        yield from _news_lines(news(settings, batch, before), shown)


def _batch_lines(batch: Batch, before: Batch | None) -> Iterator[str]:
    yield f"{batch.table}: {batch.rows:,} rows, {batch.rejects:,} rejected"
    if before is None:
        yield f"  new: batch {batch.batch_id}, the first of this table"
    elif before.batch_id == batch.batch_id:
        yield f"  nothing new: the same rows as in batch {batch.batch_id}"
    else:
        yield f"  new: batch {batch.batch_id}; before: {before.rows:,} rows, {before.batch_id}"
    if batch.unconverted:
        of_which = f": {told(batch.unread)}" if batch.unread else ""
        yield f"  {batch.unconverted:,} values could not be read and are unknown{of_which}"


def _row_lines(settings: Settings, batch: Batch, shown: Shown) -> Iterator[str]:
    """The first rows: the key and, as far as a line goes, what has a value in any of them."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"from read_parquet($data) limit {SHOWN_ROWS}", {"data": f"{batch.data(settings)}"}
        ).fetchall()
        names = [column[0] for column in connection.description or ()]
    key = TABLES[batch.table].key
    ordered = [*key, *(name for name in names if name not in (*key, *FILLED_BY_LANDING))]
    cells = {
        name: [shown(_text(row[names.index(name)])) for row in rows]
        for name in ordered
        if name in key or any(row[names.index(name)] is not None for row in rows)
    }
    if rows:
        yield from _table(cells)


def _table(cells: dict[str, list[str]]) -> Iterator[str]:
    """Columns beside each other, as many as fit a line."""
    shown: list[list[str]] = []
    left = WIDTH - 2
    for name, values in cells.items():
        width = min(max(map(columns, (name, *values))), WIDEST_CELL)
        if width <= left:
            shown.append([fit(text, width) for text in (name, *values)])
            left -= width + 2
    yield from ("  " + "  ".join(line).rstrip() for line in zip(*shown, strict=True))


def _text(value: Any) -> str:
    """A value as text, entries of attributes as key and value."""
    if isinstance(value, list):
        return "; ".join(map(_text, value))
    if isinstance(value, dict):
        return f"{value['key']}={value['value']}"
    return "" if value is None else f"{value}"


def _reject_lines(settings: Settings, batch: Batch, shown: Shown) -> Iterator[str]:
    found = reasons(settings, batch)
    if not found:
        return
    yield f"  rejected; the rows lie in {shorter(batch.rejected(settings))}"
    for reason in found[:SHOWN_REASONS]:
        number = f"{reason.rows:>11,}"
        for text in (reason.kind, *_example_lines(**reason.example)):
            yield f"{number:13}{fit(shown(text), WIDTH - 13).rstrip()}"
            number = ""
    if len(found) > SHOWN_REASONS:
        others = sum(reason.rows for reason in found[SHOWN_REASONS:])
        yield f"  {others:>9,}  for {len(found) - SHOWN_REASONS} more reasons"


def _example_lines(file: str | None, line: int | None, reason: str, row: str) -> Iterator[str]:
    places = [f"{place}" for place in (file, line) if place is not None]
    yield ": ".join([":".join(places), reason] if places else [reason])
    if said := _said(row):
        yield said


def _said(row: str) -> str:
    """What a rejected row has, without what it lacks and what the landing would have added."""
    values = json.loads(row)
    return ", ".join(
        f"{name}={_text(value)}"
        for name, value in values.items()
        if value is not None and name not in FILLED_BY_LANDING
    )


def _news_lines(found: News, shown: Shown) -> Iterator[str]:
    for words, names in (
        ("new in the schema, and without a place: ", found.new),
        ("gone from the schema: ", found.gone),
        ("filled now, and empty before: ", found.filled),
        ("empty now, and filled before: ", found.emptied),
        ("columns that are not mapped: ", found.unmapped),
    ):
        if names:
            yield f"  {words}{', '.join(map(shown, names))}"


def _filled(settings: Settings, batch: Batch) -> list[str]:
    """The columns of a batch that have a value in any row, and its attributes by dotted names."""
    names = [name for name in TABLES[batch.table].columns if name not in FILLED_BY_LANDING]
    # A batch may be older than a column; what it lacks is empty.
    data = {"data": f"{batch.data(settings)}"}
    with duckdb.connect() as connection:
        has = [
            row[0]
            for row in connection.execute("describe from read_parquet($data)", data).fetchall()
        ]
        known = [name for name in names if name in has]
        counts = ", ".join(f'count("{name}")' for name in known)
        row = connection.execute(f"select {counts} from read_parquet($data)", data).fetchone()
        keys = connection.execute(_ATTRIBUTES, data).fetchall() if "attributes" in known else []
    filled = [name for name, count in zip(known, row or (), strict=True) if count]
    return [name for name in filled if name != "attributes"] + [f"attributes.{k}" for (k,) in keys]
