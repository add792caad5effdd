"""Parquet files: however few bytes stand for many values, a frame holds a bounded number."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from ingest import columnar
from ingest.errors import SourceRejected


def shared(text: str, rows: int) -> pa.Array:
    """A text that stands in a file once for all its rows."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))


def each(values: pa.Array) -> pa.Array:
    """Lists of one value each."""
    return pa.ListArray.from_arrays(pa.array(range(len(values) + 1), pa.int32()), values)


@pytest.mark.parametrize("is_category", [True, False])
def test_rows_that_share_a_text_are_few_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_category: bool
) -> None:
    """Whatever is made of them, they share it no more. Of the text only its beginning is read."""
    monkeypatch.setattr(columnar, "FRAME_BYTES", 4 * 2**20)
    path = tmp_path / "a.parquet"
    table = pa.table({"id": range(200), "name": shared("é" * 2**19, 200)})
    parquet.write_table(table, path, store_schema=is_category)

    frames = list(columnar.read("vendor", path))

    assert path.stat().st_size < 2**17
    assert max(frame.height for frame in frames) <= 20
    assert pl.concat(frames)["_line"].to_list() == list(range(1, 201))
    assert pl.concat(frames)["vendor.id"].to_list() == list(range(200))
    assert set(pl.concat(frames)["vendor.name"].cast(pl.String)) == {"é" * 100_000}


def test_categories_within_lists_count_as_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they become texts when the lists do."""
    monkeypatch.setattr(columnar, "FRAME_BYTES", 2**20)
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"names": each(shared("a" * 2**18, 50))}), path)

    frames = list(columnar.read("vendor", path))

    assert sum(frame.height for frame in frames) == 50
    assert max(frame.height for frame in frames) <= 4


def test_rows_of_many_columns_are_few_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of columns that say the same take next to nothing in a file."""
    monkeypatch.setattr(columnar, "SLICE_BYTES", 2**16)
    path = tmp_path / "a.parquet"
    pl.DataFrame({f"n{number}": ["same"] * 100 for number in range(400)}).write_parquet(path)

    frames = list(columnar.read("vendor", path))

    assert {frame.height for frame in frames} == {10}
    assert pl.concat(frames)["_line"].to_list() == list(range(1, 101))


@pytest.mark.parametrize(
    "values",
    [["a" * 1_000] * 3_000, pa.ListArray.from_arrays(pa.array([0, 10**6]), pa.nulls(10**6))],
    ids=["pages that pack well", "one list"],
)
def test_a_file_that_unpacks_to_far_more_than_data_does_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: object
) -> None:
    """Before anything of it is unpacked; a file of that size that packs as data does is read."""
    monkeypatch.setattr(columnar, "MOST_BYTES", 2**20)
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"x": values}), path, compression="zstd", use_dictionary=False)

    with pytest.raises(
        SourceRejected, match=r"a\.parquet unpacks to more than the cap of 1,048,576"
    ):
        list(columnar.read("vendor", path))

    monkeypatch.setattr(columnar, "MOST_TIMES", 10**9)
    assert sum(frame.height for frame in columnar.read("vendor", path)) > 0
