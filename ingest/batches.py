"""What has landed, and which of it a list week uses.

What belongs here: the manifest and the choice among batches. What doesn't: writing batches
(`landing.py`) and reading their rows (the warehouse does).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from ingest.errors import ProspectError
from ingest.settings import Settings
from ingest.tables import TABLES

DATA = "data.parquet"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Batch:
    """One load of one table from one source, as its manifest tells it.

    week: the Monday it is stamped with. revision: 1 for the week's first content, higher for
    each content that replaced it. unconverted: values that could not be read and became null;
    unread: how many of them each column lost.
    fetched_at is the only trace of the clock; no hash, id or result depends on it.
    """

    source: str
    table: str
    batch_id: str
    week: date
    revision: int
    rows: int
    rejects: int
    unconverted: int
    unread: Mapping[str, int]
    content_hash: str
    fetched_at: datetime
    schema: Mapping[str, str]
    new_columns: tuple[str, ...]
    made_up: bool

    def folder(self, settings: Settings) -> Path:
        """Where its data and manifest lie."""
        return settings.landing / self.table / self.source / self.batch_id

    def data(self, settings: Settings) -> Path:
        """Its rows, sorted by the table's key."""
        return self.folder(settings) / DATA

    def rejected(self, settings: Settings) -> Path:
        """The rows set aside; the file is there only where `rejects` is above 0."""
        return settings.rejects / self.table / self.source / f"{self.batch_id}.parquet"

    def to_json(self) -> str:
        """The manifest's text."""
        facts = asdict(self) | {
            "week": self.week.isoformat(),
            "fetched_at": self.fetched_at.isoformat(),
        }
        return json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Selected:
    """A batch that a list uses; `is_known_later` when it is stamped with a later week."""

    batch: Batch
    is_known_later: bool


def batches(settings: Settings) -> list[Batch]:
    """Everything that has landed, by table, source, week and revision; reads manifests only."""
    manifests = settings.landing.glob(f"*/*/[!.]*/{MANIFEST}")
    return sorted(map(_read, manifests), key=_order)


def batches_of(settings: Settings, table: str, source: str) -> list[Batch]:
    """What has landed of one table from one source, by week and revision."""
    manifests = (settings.landing / table / source).glob(f"[!.]*/{MANIFEST}")
    return sorted(map(_read, manifests), key=_order)


def select_batches(landed: Iterable[Batch], week: date) -> tuple[Selected, ...]:
    """The batches that the list of `week` uses, by table, source and week.

    Of one week only the last revision counts. Per source and table: of a snapshot the newest
    batch stamped with the week or an earlier one, of events all of these; where there are none,
    the oldest later batch, marked as known later.
    """
    return tuple(
        Selected(batch, is_known_later=batch.week > week)
        for group in _groups(landed)
        for batch in _used(group, week)
    )


def newest_batches(landed: Iterable[Batch]) -> tuple[Batch, ...]:
    """The newest batch of each source and table, whatever its week: suppressions apply at once."""
    return tuple(group[-1] for group in _groups(landed))


def _used(group: list[Batch], week: date) -> list[Batch]:
    known = [batch for batch in group if batch.week <= week]
    if not known:
        return group[:1]
    return known if TABLES[group[0].table].kind == "event" else known[-1:]


def _groups(landed: Iterable[Batch]) -> list[list[Batch]]:
    """Per table and source the last revision of each week, oldest first; never empty."""
    ordered = sorted(landed, key=_order)
    last = {(batch.table, batch.source, batch.week): batch for batch in ordered}
    return [list(group) for _, group in groupby(last.values(), lambda b: (b.table, b.source))]


def _order(batch: Batch) -> tuple[str, str, date, int]:
    return batch.table, batch.source, batch.week, batch.revision


def _read(manifest: Path) -> Batch:
    try:
        return _batch(json.loads(manifest.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError) as error:
        raise ProspectError(
            f"{manifest}: expected the manifest of a batch, found something else ({error}); "
            "remove its folder and fetch again"
        ) from None


def _batch(facts: dict[str, Any]) -> Batch:
    return Batch(
        # An older program did not tell which columns lost values.
        **{"unread": {}}
        | facts
        | {
            "week": date.fromisoformat(facts["week"]),
            "fetched_at": datetime.fromisoformat(facts["fetched_at"]),
            "new_columns": tuple(facts["new_columns"]),
        }
    )
