"""Landing: rows become immutable batches, whole or not at all.

What belongs here: spooling, one row per key, content hash, the order of writes. What doesn't:
the verdict on single rows (`conform.py`), the choice among batches (`batches.py`) and who was
erased (`erasure.py`); that nobody erased lands again is seen to before anything is written.

A batch is a folder, written under a name that starts with a dot, synced and renamed; readers
skip such names. Its id is the week and the hash of its rows, so the same content has the same id
and the same bytes, however its frames were cut or ordered.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Self

import polars as pl

from ingest.batches import DATA, MANIFEST, Batch, batches_of
from ingest.conform import REJECT_SCHEMA, judge, new_columns, typed
from ingest.erasure import read_erased, rejects_without_erased, without_erased
from ingest.records import write_rows
from ingest.settings import Settings
from ingest.tables import TABLES, Table, empty_frame

ROWS_IN_MEMORY = 250_000
HASHED_AT_ONCE = 50_000
HASH_DIGITS = 12


def land(
    settings: Settings,
    source: str,
    week: date,
    table: Table,
    frames: Iterable[pl.DataFrame],
    *,
    fetched_at: datetime,
    made_up: bool = False,
) -> Batch:
    """Land frames of one table as one batch; content that has landed before writes nothing."""
    with Spool(settings, source, week, table) as spool:
        for frame in frames:
            spool.add(frame)
        return spool.commit(fetched_at=fetched_at, made_up=made_up)


def rewrite(settings: Settings, batch: Batch, rows: pl.DataFrame) -> None:
    """Put these rows in place of a batch's own; its id, week and revision stay.

    The manifest goes first, so that a crash leaves the old rows, which ask for it again.
    """
    kept, _ = _one_per_key(TABLES[batch.table], rows)
    restated = replace(batch, rows=len(kept), content_hash=_content_hash(kept))
    _replace_manifest(settings, restated)
    replace_parquet(batch.data(settings), kept)


def restate_rejects(settings: Settings, batch: Batch, rejects: int) -> None:
    """Let the manifest tell another number of rows that were set aside."""
    _replace_manifest(settings, replace(batch, rejects=rejects))


def replace_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Put a file in place of another, whole or not at all."""
    temporary = path.with_name(f".{path.name}")
    _write_parquet(temporary, frame)
    temporary.replace(path)
    _sync(path.parent)


def is_whole(settings: Settings, batch: Batch) -> bool:
    """Whether the data can be read and has as many rows as the manifest says; reads the footer."""
    try:
        rows = pl.scan_parquet(batch.data(settings)).select(pl.len()).collect().item()
    except (OSError, pl.exceptions.PolarsError):
        return False
    return bool(rows == batch.rows)


class Spool:
    """Takes a table's frames as they come and commits them as one batch.

    Outside of `commit` nothing of it can be seen; leaving the context removes what it wrote.
    One process at a time may hold the spool of a source's table: a new one removes what a
    crashed one left.
    """

    def __init__(self, settings: Settings, source: str, week: date, table: Table) -> None:
        self._settings, self._source, self._week, self._table = settings, source, week, table
        self._erased = read_erased(settings)
        self._folder = _fresh_folder(settings.landing / table.name / source)
        self._waiting: list[pl.DataFrame] = []
        self._parts = 0
        self._unconverted = 0
        self._new_columns: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, frame: pl.DataFrame) -> None:
        """Take a frame in canonical columns; SourceRejected when a column has another type."""
        self._new_columns |= new_columns(self._table, frame)
        for piece in typed(self._table, self._source, frame).iter_slices(ROWS_IN_MEMORY):
            self._waiting.append(piece)
            if sum(map(len, self._waiting)) >= ROWS_IN_MEMORY:
                self._judge()

    def commit(self, *, fetched_at: datetime, made_up: bool) -> Batch:
        """Write the batch, or return the one that holds the same rows for the week."""
        if self._waiting or not self._parts:
            self._judge()
        rows, doubles = _one_per_key(self._table, pl.read_parquet(self._folder / "good-*.parquet"))
        rejects = pl.concat([pl.read_parquet(self._folder / "bad-*.parquet"), doubles])
        content_hash = _content_hash(rows)
        batch = Batch(
            source=self._source,
            table=self._table.name,
            batch_id=f"{self._week:%Y-%m-%d}-{content_hash[:HASH_DIGITS]}",
            week=self._week,
            revision=1,
            rows=len(rows),
            rejects=len(rejects),
            unconverted=self._unconverted,
            content_hash=content_hash,
            fetched_at=fetched_at,
            schema={name: str(dtype) for name, dtype in self._table.columns.items()},
            new_columns=tuple(sorted(self._new_columns)),
            made_up=made_up,
        )
        return _stored(self._settings, batch, rows, rejects, self._folder)

    def _judge(self) -> None:
        """Normalise and judge what waits, and put it on disk."""
        nothing = typed(self._table, self._source, empty_frame(self._table))
        judged = judge(self._table, self._source, self._week, pl.concat([nothing, *self._waiting]))
        good = without_erased(self._table, judged.good, self._erased)
        bad = rejects_without_erased(self._table.name, judged.rejects, self._erased)
        write_rows(self._folder / f"good-{self._parts:06}.parquet", good)
        write_rows(self._folder / f"bad-{self._parts:06}.parquet", bad)
        self._unconverted += judged.unconverted
        self._parts += 1
        self._waiting = []


def _fresh_folder(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    for left_over in parent.glob(".*"):
        shutil.rmtree(left_over)
    return Path(tempfile.mkdtemp(prefix=".", dir=parent))


def _one_per_key(table: Table, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows in the order of their key, one per key, and the rejects that this makes.

    Equal rows are one; of differing rows the newest stays, and of equally new ones the last by
    their text, so that the choice never depends on the order in which they came.
    """
    key = list(table.key)
    is_double = rows.select(pl.struct(key).is_duplicated()).to_series()
    doubles = rows.filter(is_double)
    if doubles.is_empty():
        return rows.sort(key, nulls_last=True), pl.DataFrame(schema=REJECT_SCHEMA)
    ranked = doubles.with_columns(row=_as_json(doubles)).sort("observed_at", "row", descending=True)
    distinct = ranked.unique("row", maintain_order=True)
    is_kept = distinct.select(pl.struct(key).is_first_distinct()).to_series()
    kept = pl.concat([rows.filter(~is_double), distinct.filter(is_kept).drop("row")])
    return kept.sort(key, nulls_last=True), _double_rejects(key, distinct.filter(~is_kept))


def _double_rejects(key: list[str], rows: pl.DataFrame) -> pl.DataFrame:
    reason = f"duplicate key: another row with the same {', '.join(key)} is as new or newer"
    return rows.select(
        file=pl.lit(None, dtype=pl.String),
        line=pl.lit(None, dtype=pl.Int64),
        reason=pl.lit(reason),
        row="row",
    )


def _as_json(rows: pl.DataFrame) -> pl.Series:
    return rows.select(pl.struct(pl.all()).struct.json_encode()).to_series()


def _content_hash(rows: pl.DataFrame) -> str:
    """SHA-256 over the sorted rows as lines of JSON: stable over machines and versions.

    Columns without any value are left out, so that a column which is new to the contract leaves
    the hashes of what has landed as they are.
    """
    digest = sha256()
    empty = [column.name for column in rows if column.null_count() == len(rows)]
    for piece in rows.drop("batch_id", *empty).iter_slices(HASHED_AT_ONCE):
        digest.update(_as_json(piece).str.join("\n").item().encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _stored(
    settings: Settings, batch: Batch, rows: pl.DataFrame, rejects: pl.DataFrame, scratch: Path
) -> Batch:
    """Write rejects, then the batch; or find that the same content has landed."""
    landed = {
        other.batch_id: other
        for other in batches_of(settings, batch.table, batch.source)
        if other.week == batch.week
    }
    same = landed.pop(batch.batch_id, None)
    revision = max((other.revision for other in landed.values()), default=0) + 1
    if same and is_whole(settings, same):
        return _with_rejects(settings, _current(settings, same, revision), rejects, scratch)
    numbered = replace(batch, revision=revision)
    if len(rejects):
        _write_rejects(numbered.rejected(settings), rejects, scratch / "rejects.parquet")
    _write_batch(numbered.folder(settings), numbered, rows, scratch / "batch")
    return numbered


def _current(settings: Settings, batch: Batch, revision: int) -> Batch:
    """The batch as it is; or, where other content came after it, as the week's newest again.

    `revision` is the one after those of the week's other contents.
    """
    if batch.revision >= revision:
        return batch
    newest = replace(batch, revision=revision)
    _replace_manifest(settings, newest)
    return newest


def _with_rejects(settings: Settings, batch: Batch, rejects: pl.DataFrame, scratch: Path) -> Batch:
    """The landed batch beside what was set aside this time, where that is something else."""
    path = batch.rejected(settings)
    if batch.rejects == len(rejects) and _set_aside(path).equals(_in_order(rejects)):
        return batch
    restated = replace(batch, rejects=len(rejects))
    if len(rejects):
        _write_rejects(path, rejects, scratch / "rejects.parquet")
    _replace_manifest(settings, restated)
    if not len(rejects):
        path.unlink(missing_ok=True)
    return restated


def _replace_manifest(settings: Settings, batch: Batch) -> None:
    manifest = batch.folder(settings) / MANIFEST
    temporary = manifest.with_name(f".{MANIFEST}")
    _write_synced(temporary, batch.to_json())
    temporary.replace(manifest)
    _sync(manifest.parent)


def _write_batch(folder: Path, batch: Batch, rows: pl.DataFrame, temporary: Path) -> None:
    """Write the batch, in place of a damaged one of the same id."""
    temporary.mkdir()
    stamped = rows.with_columns(batch_id=pl.lit(batch.batch_id))
    _write_parquet(temporary / DATA, stamped)
    _write_synced(temporary / MANIFEST, batch.to_json())
    _sync(temporary)
    if folder.exists():
        folder.rename(temporary.with_name("damaged"))
    temporary.rename(folder)
    _sync(folder.parent)


def _write_rejects(path: Path, rejects: pl.DataFrame, temporary: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_parquet(temporary, _in_order(rejects))
    temporary.replace(path)
    _sync(path.parent)


def _set_aside(path: Path) -> pl.DataFrame:
    """The rows in a file of rejects; one that isn't there or can't be read has none."""
    try:
        return _in_order(pl.read_parquet(path))
    except (OSError, pl.exceptions.PolarsError):
        return pl.DataFrame(schema=REJECT_SCHEMA)


def _in_order(rejects: pl.DataFrame) -> pl.DataFrame:
    return rejects.sort("file", "line", "reason", "row")


def _write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """The same rows give the same bytes: one chunk, fixed settings."""
    write_rows(path, frame.rechunk())
    _sync(path)


def _write_synced(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    """Make a file or a folder's entries survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
