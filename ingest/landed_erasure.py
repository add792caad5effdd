"""Taking people out of what has landed, and keeping what it needs so that they don't land again.

What belongs here: all that an address stands for, the store, the suppressions that follow from it,
and rewriting batches and rejects. What doesn't: which rows are theirs (`erasure.py`), how a batch
is written (`landing.py`), and what was made from batches (`orchestration/`).

Each step can be repeated: what is still there is what is still to be done.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from ingest.batches import Batch, batches
from ingest.erasure import (
    KINDS,
    SOURCE,
    TELLING,
    Erased,
    contacts_set_aside,
    is_theirs,
    rejects_without_erased,
    store,
    told_by,
    without_erased,
)
from ingest.errors import ProspectError
from ingest.landing import land, replace_parquet, restate_rejects, rewrite
from ingest.normalise import clean, email_address
from ingest.parquet import ROW_GROUP
from ingest.settings import Settings
from ingest.tables import TABLES

# Before any list week, since an erasure holds for each of them.
STAMPED_WEEK = date(2000, 1, 3)
NOTE = "asked to be erased"


@dataclass(frozen=True)
class Removed:
    """How many rows left the landing, how many batches were rewritten, how many rejects left."""

    rows: int
    batches: int
    rejects: int


def addresses(texts: Iterable[str]) -> list[str | None]:
    """E-mail addresses in the spelling in which they land; None for what is none."""
    return email_address(clean(pl.Series(list(texts), dtype=pl.String))).to_list()


def known_by(settings: Settings, erased: Erased) -> Erased:
    """All that these people are known by in what has landed: their records and profiles too.

    Other addresses of a record are not followed: a mailbox that many share would lead to them all.
    Nor are profiles that are no person's, and records where they bear another name.
    """
    contacts = _contacts(settings)
    while True:
        wider = erased | told_by(contacts.filter(is_theirs(contacts, erased)))
        if wider == erased:
            return erased
        erased = wider


def remember(settings: Settings, erased: Erased) -> None:
    """Keep the digests, in the store that every landing reads and as suppressions of the lists."""
    kinds = zip(KINDS, (erased.emails, erased.records, erased.profiles), strict=True)
    rows = [(kind, value) for kind, values in kinds for value in sorted(values)]
    settings.home.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(rows, {"kind": pl.String, "sha256": pl.String}, orient="row")
    replace_parquet(store(settings), frame)
    land(
        settings,
        SOURCE,
        STAMPED_WEEK,
        TABLES["suppressions"],
        [_suppressions(erased)],
        fetched_at=datetime.now(UTC).replace(microsecond=0),
    )


def erase_landed(settings: Settings, erased: Erased) -> Removed:
    """Take the erased out of every batch, out of the rows set aside and out of unfinished work."""
    for unfinished in settings.landing.glob("*/*/.*"):
        shutil.rmtree(unfinished)
    if settings.quarantine.exists():
        shutil.rmtree(settings.quarantine)
    removed = [_erase_batch(settings, batch, erased) for batch in batches(settings)]
    rewritten = [rows for rows in removed if rows is not None]
    rejects = sum(_erase_rejects(settings, path, erased) for path in _rejects(settings))
    return Removed(sum(rewritten), len(rewritten), rejects)


def _contacts(settings: Settings) -> pl.DataFrame:
    """What tells people apart, landed or set aside, each combination once."""
    landed = [
        pl.concat(rows.select(TELLING).unique() for rows in _rows(settings, batch))
        for batch in batches(settings)
        if batch.table == "contacts"
    ]
    set_aside = [
        contacts_set_aside(pl.read_parquet(path)).unique()
        for path in _rejects(settings)
        if _table(path) == "contacts"
    ]
    nothing = pl.DataFrame(schema=dict.fromkeys(TELLING, pl.String))
    return pl.concat([nothing, *landed, *set_aside]).unique()


def _rejects(settings: Settings) -> list[Path]:
    return sorted(settings.rejects.glob("*/*/[!.]*.parquet"))


def _table(rejects: Path) -> str:
    return rejects.parent.parent.name


def _rows(settings: Settings, batch: Batch) -> Iterator[pl.DataFrame]:
    """The rows of a batch in frames, at least one."""
    try:
        landed = pl.scan_parquet(batch.data(settings))
        yield landed.clear().collect()
        yield from landed.collect_batches(chunk_size=ROW_GROUP, maintain_order=True)
    except (OSError, pl.exceptions.PolarsError):
        folder = batch.folder(settings).relative_to(settings.home)
        raise ProspectError(
            f"{folder}: expected the rows of a batch as Parquet, found a file that is damaged or "
            "missing; remove the folder and erase again"
        ) from None


def _suppressions(erased: Erased) -> pl.DataFrame:
    keys = pl.DataFrame({"key": sorted(erased.emails)}, {"key": pl.String})
    return keys.with_columns(
        key_kind=pl.lit("email_sha256"), reason=pl.lit("do_not_contact"), note=pl.lit(NOTE)
    )


def _erase_batch(settings: Settings, batch: Batch, erased: Erased) -> int | None:
    """How many rows left the batch; None where it has nothing of theirs and stays as it is."""
    table = TABLES[batch.table]
    if all(without_erased(table, rows, erased).equals(rows) for rows in _rows(settings, batch)):
        return None
    kept = (without_erased(table, rows, erased) for rows in _rows(settings, batch))
    return batch.rows - rewrite(settings, batch, kept)


def _erase_rejects(settings: Settings, path: Path, erased: Erased) -> int:
    """How many rows set aside were removed; a file without rows goes."""
    rejects = pl.read_parquet(path)
    kept = rejects_without_erased(_table(path), rejects, erased)
    if len(kept) == len(rejects):
        return 0
    for batch in batches(settings):
        if batch.rejected(settings) == path:
            restate_rejects(settings, batch, len(kept))
    if kept.is_empty():
        path.unlink()
    else:
        replace_parquet(path, kept)
    return len(rejects) - len(kept)
