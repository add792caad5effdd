"""More rows than memory holds, brought into order by an external merge sort.

What belongs here: scratch files, and when rows go there. What doesn't: what the rows mean.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from ingest.parquet import write_rows

RUN_BYTES = 32 * 2**20
BLOCK_BYTES = 2 * 2**20
MERGED_BLOCKS = 6


class _Block(NamedTuple):
    """Rows of a run that are read at once, by the key of the first of them."""

    first: tuple[Any, ...]
    run: int
    offset: int
    rows: int


class Runs:
    """Takes frames in any order and gives their rows in the order of a key, nulls last.

    Columns in which a frame has no value are left out of it, except those of the key. Memory holds
    one run while rows come in; while they go out, a frame and a block of each run.

    run_bytes: by default RUN_BYTES.
    """

    def __init__(self, folder: Path, key: Sequence[str], run_bytes: int | None = None) -> None:
        self._folder, self._key = folder, list(key)
        self._run_bytes = RUN_BYTES if run_bytes is None else run_bytes
        self._waiting: list[pl.DataFrame] = []
        self._waiting_bytes = 0
        self._runs: list[pl.LazyFrame] = []
        self._blocks: list[_Block] = []
        self._is_stopped = False

    def add(self, rows: pl.DataFrame) -> None:
        """Take a frame. OSError on a full disk."""
        narrow = rows.select(
            column for column in rows if column.name in self._key or not _is_empty(column)
        )
        self._waiting.append(narrow)
        self._waiting_bytes += int(narrow.estimated_size())
        if self._waiting_bytes >= self._run_bytes:
            run = self._take()
            path = self._folder / f"run-{len(self._runs):06}.parquet"
            write_rows(path, run.lazy(), row_group=_rows_of_a_block(run), is_scratch=True)
            self._keep(run, pl.scan_parquet(path, glob=False))

    def has_rows(self) -> bool:
        """Whether any row has been taken."""
        return bool(self._runs) or any(map(len, self._waiting))

    def stop(self) -> None:
        """Give no more rows: whoever is taking them, in another thread, meets a CancelledError."""
        self._is_stopped = True

    def merged(self) -> Iterator[pl.DataFrame]:
        """All rows in order, as often as asked; those with the same key are in the same frame."""
        if not self._runs:
            yield _sorted(self._waiting, self._key)
            return
        if self._waiting:
            last = self._take()
            self._keep(last, last.lazy())
        yield from self._merged(sorted(self._blocks))

    def _take(self) -> pl.DataFrame:
        """What waits, in order."""
        rows = _sorted(self._waiting, self._key)
        self._waiting, self._waiting_bytes = [], 0
        return rows

    def _keep(self, rows: pl.DataFrame, run: pl.LazyFrame) -> None:
        size = _rows_of_a_block(rows)
        firsts = rows.select(self._key).gather_every(size).rows()
        self._blocks += [
            _Block(_comparable(first), len(self._runs), number * size, size)
            for number, first in enumerate(firsts)
        ]
        self._runs.append(run)

    def _merged(self, blocks: list[_Block]) -> Iterator[pl.DataFrame]:
        """Whatever comes before the first row of the next block is complete."""
        left: list[pl.DataFrame] = []
        while blocks:
            if self._is_stopped:
                raise CancelledError
            taken, blocks = blocks[:MERGED_BLOCKS], blocks[MERGED_BLOCKS:]
            parts = [*left, *self._read(taken)]
            ends = [self._rows_before(blocks, part) for part in parts]
            cuts = list(zip(parts, ends, strict=True))
            yield _sorted([part[:end] for part, end in cuts], self._key)
            left = [part[end:] for part, end in cuts if end < len(part)]

    def _read(self, blocks: list[_Block]) -> list[pl.DataFrame]:
        """Blocks of one run follow each other, so that they are read in one go."""
        by_run = sorted(blocks, key=lambda block: (block.run, block.offset))
        spans = [list(span) for _, span in groupby(by_run, lambda block: block.run)]
        return pl.collect_all(
            self._runs[span[0].run].slice(span[0].offset, sum(block.rows for block in span))
            for span in spans
        )

    def _rows_before(self, blocks: list[_Block], rows: pl.DataFrame) -> int:
        if not blocks:
            return len(rows)
        first = blocks[0].first
        keys = rows.select(self._key)
        return bisect_left(range(len(keys)), first, key=lambda row: _comparable(keys.row(row)))


def _rows_of_a_block(run: pl.DataFrame) -> int:
    blocks = int(run.estimated_size()) // BLOCK_BYTES + 1
    return len(run) // blocks + 1


def _is_empty(column: pl.Series) -> bool:
    return column.null_count() == len(column)


def _sorted(frames: list[pl.DataFrame], key: list[str]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal").sort(key, nulls_last=True, maintain_order=True)


def _comparable(key: tuple[Any, ...]) -> tuple[tuple[bool, Any], ...]:
    """A key that Python compares as Polars sorts."""
    return tuple((value is None, value) for value in key)
