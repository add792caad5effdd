"""Landing: rows become immutable batches, whole or not at all.

What belongs here: spooling, one row per key, content hash, the order of writes. What doesn't:
the verdict on single rows (`conform.py`), the choice among batches (`batches.py`) and who was
erased (`erasure.py`); that nobody erased lands again is seen to before anything is written.

A batch is a folder, written under a name that starts with a dot, synced and renamed; readers
skip such names. Its id is the week and the hash of its rows, so the same content has the same id
and the same bytes, however its frames were cut or ordered.
"""

import filecmp
import os
import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Self

import polars as pl

from ingest.ahead import ahead
from ingest.batches import DATA, MANIFEST, Batch, batches_of
from ingest.conform import REJECT_SCHEMA, Judged, judge, new_columns, typed
from ingest.content_hash import OWN_COLUMNS, ContentHash
from ingest.erasure import read_erased, rejects_without_erased, without_erased
from ingest.parquet import ROW_GROUP, one_by_one, row_groups, write_rows
from ingest.settings import Settings
from ingest.spill import Runs
from ingest.tables import CONSENT, TABLES, Table, empty_frame

JUDGED_ROWS = ROW_GROUP
JUDGED_BYTES = 16 * 2**20
REJECTED_BYTES = 64 * 2**20
JUDGES = 2
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


def rewrite(settings: Settings, batch: Batch, frames: Iterable[pl.DataFrame]) -> int:
    """Put these rows in place of a batch's own; its id, week and revision stay. How many there are.

    The manifest goes first, so that a crash leaves the old rows, which ask for it again.
    """
    table = TABLES[batch.table]
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rewrite-", dir=settings.scratch) as folder:
        runs = Runs(Path(folder), table.key)
        for frame in frames:
            runs.add(frame.drop(OWN_COLUMNS))
        content = ContentHash()
        for rows, _ in ahead(_distinct(table, batch.source, runs)):
            content.update(rows)
        rewritten = replace(batch, rows=content.rows, content_hash=content.hexdigest())
        _replace_manifest(settings, rewritten)
        replace_parquet(batch.data(settings), _landed(batch, runs))
    return content.rows


def restate_rejects(settings: Settings, batch: Batch, rejects: int) -> None:
    """Let the manifest tell another number of rows that were set aside."""
    _replace_manifest(settings, replace(batch, rejects=rejects))


def replace_parquet(path: Path, rows: pl.DataFrame | pl.LazyFrame) -> None:
    """Put a file in place of another, whole or not at all."""
    temporary = path.with_name(f".{path.name}")
    _write_parquet(temporary, rows)
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
        self._good = Runs(self._folder, table.key)
        bad = _subfolder(self._folder, "bad")
        self._bad = Runs(bad, list(REJECT_SCHEMA), REJECTED_BYTES)
        self._rejects = 0
        self._waiting: list[pl.DataFrame] = []
        self._judges = ThreadPoolExecutor(JUDGES)
        self._judging: deque[Future[Judged]] = deque()
        self._unread: Counter[str] = Counter()
        self._new_columns: set[str] = set()
        self._committing = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A second interrupt doesn't wait for the threads that commit.
        with self._committing:
            self._judges.shutdown(cancel_futures=True)
            shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, frame: pl.DataFrame) -> None:
        """Take a frame in canonical columns; SourceRejected when a column has another type."""
        self._new_columns |= new_columns(self._table, frame)
        for piece in typed(self._table, self._source, frame).iter_slices(JUDGED_ROWS):
            self._waiting.append(piece)
            if _is_much(self._waiting):
                self._judge()
                self._keep_judged(but=JUDGES)

    def has_rows(self) -> bool:
        """Whether any row that came so far is good enough to land."""
        self._judge()
        self._keep_judged(but=0)
        return self._good.has_rows()

    def commit(self, *, fetched_at: datetime, made_up: bool) -> Batch:
        """Write the batch, or return the one that holds the same rows for the week."""
        with self._committing:
            self._judge()
            self._keep_judged(but=0)
            content = self._hashed()
            batch = Batch(
                source=self._source,
                table=self._table.name,
                batch_id=f"{self._week:%Y-%m-%d}-{content.hexdigest()[:HASH_DIGITS]}",
                week=self._week,
                revision=1,
                rows=content.rows,
                rejects=self._rejects,
                unconverted=self._unread.total(),
                unread=dict(sorted(self._unread.items())),
                content_hash=content.hexdigest(),
                fetched_at=fetched_at,
                schema={name: str(dtype) for name, dtype in self._table.columns.items()},
                new_columns=tuple(sorted(self._new_columns)),
                made_up=made_up,
            )
            return _stored(self._settings, batch, self._good, self._set_aside_rows(), self._folder)

    def give_up(self) -> None:
        """End a commit that is under way in another thread, whole or not at all."""
        self._good.stop()

    def _judge(self) -> None:
        """Have what waits normalised and judged, while more comes."""
        nothing = typed(self._table, self._source, empty_frame(self._table))
        rows = pl.concat([nothing, *self._waiting])
        self._judging.append(self._judges.submit(self._judged, rows))
        self._waiting = []

    def _judged(self, rows: pl.DataFrame) -> Judged:
        judged = judge(self._table, self._source, self._week, rows)
        good = without_erased(self._table, judged.good, self._erased)
        rejects = rejects_without_erased(self._table.name, judged.rejects, self._erased)
        return Judged(good.drop(OWN_COLUMNS), rejects, judged.unread)

    def _keep_judged(self, *, but: int) -> None:
        """Keep for the commit what is judged, but for the last frames."""
        while len(self._judging) > but:
            judged = self._judging.popleft().result()
            self._good.add(judged.good)
            self._set_aside(judged.rejects)
            self._unread += judged.unread

    def _hashed(self) -> ContentHash:
        """The hash of the good rows, one per key; those that had to go are set aside."""
        content = ContentHash()
        for rows, doubles in ahead(_distinct(self._table, self._source, self._good)):
            content.update(rows)
            self._set_aside(doubles)
        return content

    def _set_aside(self, rejects: pl.DataFrame) -> None:
        if len(rejects):
            self._bad.add(rejects)
            self._rejects += len(rejects)

    def _set_aside_rows(self) -> Path | None:
        """A file of all rejects in order: the same ones are the same bytes. None for none."""
        if not self._rejects:
            return None
        path = self._folder / "rejects.parquet"
        _write_parquet(path, one_by_one(row_groups(self._bad.merged()), REJECT_SCHEMA))
        return path


def _is_much(frames: list[pl.DataFrame]) -> bool:
    """Whether so many rows are judged at once; texts may be long."""
    if sum(map(len, frames)) >= JUDGED_ROWS:
        return True
    return sum(frame.estimated_size() for frame in frames) >= JUDGED_BYTES


def _subfolder(folder: Path, name: str) -> Path:
    """A folder of its own, since scratch files are numbered by whoever writes them."""
    path = folder / name
    path.mkdir()
    return path


def _fresh_folder(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    for left_over in parent.glob(".*"):
        shutil.rmtree(left_over)
    return Path(tempfile.mkdtemp(prefix=".", dir=parent))


def _distinct(
    table: Table, source: str, runs: Runs
) -> Generator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The rows in order, one per key, and the rejects that this makes."""
    return (_one_per_key(table, source, rows) for rows in runs.merged())


def _one_per_key(
    table: Table, source: str, rows: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of rows in the order of their key one per key, and the rejects that this makes.

    Equal rows are one; of differing rows the newest stays, of equally new ones one that asks to be
    left alone, and else the last by their text: the order in which they came never decides. What
    else a row said that goes, such as another address, goes with it into the rejects.
    """
    key = list(table.key)
    is_double = _doubles(key, rows)
    if not is_double.any():
        return rows, pl.DataFrame(schema=REJECT_SCHEMA)
    doubles = rows.filter(is_double)
    whole = _whole(table, doubles, source, batch_id="")
    text = whole.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    said = [pl.col(name).fill_null(value=False) for name in CONSENT if name in doubles.columns]
    ranked = doubles.with_columns(row=text, asks=pl.any_horizontal(False, *said)).sort(
        "observed_at", "asks", "row", descending=True
    )
    distinct = ranked.unique("row", maintain_order=True)
    is_kept = distinct.select(pl.struct(key).is_first_distinct()).to_series()
    kept = pl.concat([rows.filter(~is_double), distinct.filter(is_kept).drop("row", "asks")])
    return kept.sort(key, nulls_last=True), _double_rejects(key, distinct.filter(~is_kept))


def _doubles(key: list[str], rows: pl.DataFrame) -> pl.Series:
    """Which rows of sorted ones have the key of a neighbour."""
    is_again = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in key)
    is_again &= pl.int_range(pl.len()) > 0
    return rows.select(is_again | is_again.shift(-1, fill_value=False)).to_series()


def _double_rejects(key: list[str], rows: pl.DataFrame) -> pl.DataFrame:
    reason = f"duplicate key: another row with the same {', '.join(key)} is as new or newer"
    return rows.select(
        file=pl.lit(None, dtype=pl.String),
        line=pl.lit(None, dtype=pl.Int64),
        reason=pl.lit(reason),
        row="row",
    )


def _landed(batch: Batch, runs: Runs) -> pl.LazyFrame:
    """The rows of a batch as its file has them."""
    table = TABLES[batch.table]
    rows = row_groups(rows for rows, _ in _distinct(table, batch.source, runs))
    whole = (_whole(table, group, batch.source, batch.batch_id) for group in rows)
    return one_by_one(ahead(whole), table.columns)


def _whole(table: Table, rows: pl.DataFrame, source: str, batch_id: str) -> pl.DataFrame:
    """Rows with all columns of the table, those of the batch's own among them."""
    own = dict(zip(OWN_COLUMNS, (source, batch_id), strict=True))
    return rows.select(
        pl.col(name) if name in rows.columns else pl.lit(own.get(name), dtype).alias(name)
        for name, dtype in table.columns.items()
    )


def _stored(
    settings: Settings, batch: Batch, rows: Runs, rejects: Path | None, scratch: Path
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
        current = _current(settings, same, revision)
        seen = replace(
            current,
            rejects=batch.rejects,
            unconverted=batch.unconverted,
            unread=batch.unread,
            new_columns=batch.new_columns,
        )
        return _restated(settings, current, seen, rejects)
    numbered = replace(batch, revision=revision)
    if rejects:
        _move_rejects(rejects, numbered.rejected(settings))
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


def _restated(settings: Settings, landed: Batch, seen: Batch, rejects: Path | None) -> Batch:
    """The landed batch with what was seen beside its rows this time, where that is something else:
    other rows that were set aside, or columns that have no place."""
    path = landed.rejected(settings)
    if landed == seen and (rejects is None or _is_same(rejects, path)):
        return landed
    if rejects:
        _move_rejects(rejects, path)
    _replace_manifest(settings, seen)
    if not rejects:
        path.unlink(missing_ok=True)
    return seen


def _is_same(rejects: Path, landed: Path) -> bool:
    return landed.is_file() and filecmp.cmp(rejects, landed, shallow=False)


def _replace_manifest(settings: Settings, batch: Batch) -> None:
    manifest = batch.folder(settings) / MANIFEST
    temporary = manifest.with_name(f".{MANIFEST}")
    _write_synced(temporary, batch.to_json())
    temporary.replace(manifest)
    _sync(manifest.parent)


def _write_batch(folder: Path, batch: Batch, rows: Runs, temporary: Path) -> None:
    """Write the batch, in place of a damaged one of the same id."""
    temporary.mkdir()
    _write_parquet(temporary / DATA, _landed(batch, rows))
    _write_synced(temporary / MANIFEST, batch.to_json())
    _sync(temporary)
    if folder.exists():
        folder.rename(temporary.with_name("damaged"))
    temporary.rename(folder)
    _sync(folder.parent)


def _move_rejects(rejects: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rejects.replace(path)
    _sync(path.parent)


def _write_parquet(path: Path, rows: pl.DataFrame | pl.LazyFrame) -> None:
    write_rows(path, rows.lazy())
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
