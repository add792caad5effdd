"""Delimited text: reading by blocks gives what reading row by row gives, whatever it holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ingest import delimited
from ingest.delimited import Layout
from ingest.errors import SourceRejected

VALUES = st.sampled_from(
    ["1", "two words", '"q"', '"a,b"', '"say ""x"""', '""', "", " ", "#", "\x0b"]
)
ROWS = st.lists(VALUES, min_size=3, max_size=3).map(",".join)
PIECES = st.sampled_from(["1", '"q"', '"a,b"', ",", ",", '"', "", '5" pipe', "\r", "\x00"])
TRASH = st.lists(PIECES, max_size=7).map("".join)
# Mostly rows, so that there are blocks without any trouble.
LINES = st.integers(0, 19).flatmap(lambda number: TRASH if number == 0 else ROWS)
ENDS = st.sampled_from(["\n"] * 10 + ["\r\n"] * 10 + ["\n\n"])
TEXTS = st.lists(st.tuples(LINES, ENDS).map("".join), max_size=60).map("".join)


@contextmanager
def blocks_of(size: int) -> Iterator[None]:
    """Blocks so small that a test's file has several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", size)
        yield


def outcome(path: Path, encoding: str, delimiter: str = ",") -> pl.DataFrame | str:
    """All rows of a file, or what is wrong with it."""
    try:
        return pl.concat(delimited.read("vendor", path, Layout(delimiter, encoding)))
    except SourceRejected as error:
        return str(error)


@given(TEXTS, st.integers(8, 200))
def test_blocks_and_rows_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, text: str, block: int
) -> None:
    """Same values, same lines, same broken rows: ASCII is read row by row, UTF-8 by blocks."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(f"a,b,c\n{text}".encode())

    with blocks_of(block):
        by_blocks = outcome(path, "utf-8")
    by_rows = outcome(path, "ascii")

    if isinstance(by_rows, str) or isinstance(by_blocks, str):
        assert by_blocks == by_rows
    else:
        assert_frame_equal(by_blocks, by_rows, check_column_order=False)


@pytest.mark.parametrize("line", ["1,x\ry", '1,"x\ry"', "1,\r", "1,x\r\r"])
def test_a_lone_carriage_return_ends_a_line_in_both(tmp_path: Path, line: str) -> None:
    """It counts as a line's end, quoted or not."""
    path = tmp_path / "a.csv"
    path.write_bytes(f"a,b\n{line}\n2,z\n".encode())

    by_blocks, by_rows = outcome(path, "utf-8"), outcome(path, "ascii")

    assert_frame_equal(by_blocks, by_rows, check_column_order=False)


@pytest.mark.parametrize("delimiter", [";", "|", "\t", "]", "-", "^"])
def test_any_delimiter_separates(tmp_path: Path, delimiter: str) -> None:
    """Also one that means something in a pattern."""
    path = tmp_path / "a.csv"
    path.write_text(delimiter.join("ab") + "\n" + delimiter.join("12") + "\n")

    found = outcome(path, "utf-8", delimiter)

    assert found.select("vendor.a", "vendor.b", "_line", "_reject").rows() == [("1", "2", 2, None)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_counted_over_blocks_and_broken_rows(tmp_path: Path, end: str) -> None:
    """Line numbers go on behind a block, a quoted line break, an empty line and a broken row."""
    lines = [f'{number},"Firm {number}"' for number in range(2, 2_000)]
    lines[500], lines[900] = '502,"two', 'lines"'
    lines[501:900] = [f"inside {number}" for number in range(501, 900)]
    lines[1_200], lines[1_500] = "", "too,many,values"
    path = tmp_path / "a.csv"
    path.write_bytes(end.join(["id,name", *lines, ""]).encode())

    with blocks_of(1_000):
        found = outcome(path, "utf-8")

    good = found.filter(pl.col("_reject").is_null())
    one_line = good.filter(pl.col("vendor.id") != "502")
    assert found.filter(pl.col("_reject").is_not_null())["_line"].to_list() == [1_502]
    assert good.filter(pl.col("vendor.id") == "502")["_line"].to_list() == [902]
    assert (one_line["vendor.id"].cast(pl.Int64) == one_line["_line"]).all()
    assert len(one_line) == 1_998 - 401 - 2


def test_bytes_that_are_not_in_the_encoding_are_found_behind_the_first_block(
    tmp_path: Path,
) -> None:
    """Never mojibake, however late it comes."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1_000 + b"1,M\xfcller\n")

    with blocks_of(400):
        assert "not written in utf-8" in outcome(path, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_first_row_is_whole_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    """A mark at the start of the file shifts nothing."""
    path = tmp_path / "a.csv"
    path.write_bytes("name,town\nÄ,Köln\nB,Bern\n".encode(encoding))

    found = outcome(path, "utf-8" if encoding in ("utf-8-sig", "utf-16") else encoding)

    assert found.select("vendor.name", "vendor.town", "_line").rows() == [
        ("Ä", "Köln", 2),
        ("B", "Bern", 3),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("row", ["," * 3_000, '"a\n",' * 500], ids=["one line", "many lines"])
def test_a_row_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, encoding: str
) -> None:
    """Before it is read to its end: of a few bytes that are packed there may be any number."""
    monkeypatch.setattr(delimited, "MOST_BYTES", 1_000)
    path = tmp_path / "a.csv"
    path.write_bytes(f"a,b\n1,2\n{row}\n".encode(encoding))

    assert "a row is longer than the cap of 1,000 bytes" in outcome(path, encoding)


def test_a_header_without_end_is_refused(tmp_path: Path) -> None:
    """No table has so many columns, and each costs memory in every frame."""
    path = tmp_path / "a.csv"
    path.write_text("a" + ",a" * 100_000)

    assert outcome(path, "utf-8") == "source vendor: a.csv: more than 16,384 names in its header"


def test_rows_of_many_columns_are_few_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they are read row by row; a row of another width keeps no field."""
    monkeypatch.setattr(delimited, "FRAME_BYTES", 2**17)
    path = tmp_path / "a.csv"
    header = ",".join(f"n{number}" for number in range(500))
    path.write_text(f"{header}\n" + f"{',' * 499}\n" * 50 + "1,2\n", encoding="utf-16")

    frames = list(delimited.read("vendor", path, Layout(",", "utf-8")))

    assert max(frame.height for frame in frames) < 10
    assert pl.concat(frames)["_reject"].drop_nulls().to_list() == ["expected 500 values, found 2"]
    assert pl.concat(frames)["_line"].to_list() == list(range(2, 53))
