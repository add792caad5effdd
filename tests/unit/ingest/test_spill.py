"""Rows that memory doesn't hold: they come back in order, and none is lost."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import spill
from ingest.spill import Runs

SCHEMA = {"first": pl.String, "second": pl.Date, "value": pl.Int64, "note": pl.String}
ROW = st.tuples(
    st.none() | st.sampled_from(["", "a", "B", "é", "\U0001f600", "\uffff", "ab"]),
    st.none() | st.dates(),
    st.integers(0, 9),
    st.none() | st.just("x"),
)


@settings(max_examples=25)
@given(
    st.lists(st.lists(ROW, max_size=12), min_size=1, max_size=6), st.sampled_from([1, 200, 9999])
)
def test_runs_come_back_in_the_order_of_their_key(frames: list, run_bytes: int) -> None:
    """Whether they went to disk or not; rows with the same key are in the same frame."""
    given_rows = [pl.DataFrame(frame, SCHEMA, orient="row") for frame in frames]
    key = ["first", "second"]
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(spill, "RUN_BYTES", run_bytes)
        patch.setattr(spill, "BLOCK_BYTES", 40)
        patch.setattr(spill, "MERGED_BLOCKS", 3)
        runs = Runs(Path(folder), key)
        for frame in given_rows:
            runs.add(frame)
        merged = list(runs.merged())
        again = list(runs.merged())

    assert [frame.rows() for frame in again] == [frame.rows() for frame in merged]
    expected = pl.concat(given_rows).sort(key, nulls_last=True)
    found = pl.concat([pl.DataFrame(schema=SCHEMA), *merged], how="diagonal")
    assert found.select(key).equals(expected.select(key))
    assert sorted(found.rows(), key=repr) == sorted(expected.rows(), key=repr)
    keys = [set(frame.select(key).rows()) for frame in merged]
    assert sum(map(len, keys)) == len(set().union(*keys))


def test_runs_leave_memory_for_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run holds in memory is bounded; columns without a value are not kept at all."""
    monkeypatch.setattr(spill, "RUN_BYTES", 1)
    runs = Runs(tmp_path, ["key"])

    runs.add(pl.DataFrame({"key": ["b"], "note": pl.Series([None], dtype=pl.String)}))
    runs.add(pl.DataFrame({"key": ["a"], "note": ["x"]}))

    assert len(list(tmp_path.iterdir())) == 2
    for _ in range(2):
        assert pl.concat(runs.merged(), how="diagonal").to_dicts() == [
            {"key": "a", "note": "x"},
            {"key": "b", "note": None},
        ]
