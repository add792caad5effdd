"""Reading files: no row is lost without its line and reason, and no file is read by guess."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceNotFound, SourceRejected
from ingest.files import FileOptions, located, read
from ingest.http import SourceSession
from ingest.registry import Request
from tests.support.sources import write


def rows(path: Path, **options: object) -> pl.DataFrame:
    """All rows of a file."""
    return pl.concat(read("vendor", path, FileOptions(path="x", **options)))


def request(folder: Path, week: date = date(2026, 11, 2)) -> Request:
    """A request whose paths start in the folder."""
    return Request(week, SourceSession("vendor"), folder, folder)


def test_each_row_knows_its_line_and_a_broken_one_its_reason(tmp_path: Path) -> None:
    """A quoted line break counts as a line, an empty line is no row."""
    path = write(
        tmp_path, "a.csv", "id,name", '1,"two\nlines"', "2", "3,c,d", "", '4,"q"x', "5,last"
    )

    found = rows(path)

    assert found.select("_line", "vendor.id", "_reject").rows() == [
        (3, "1", None),
        (4, "", "expected 2 values, found 1"),
        (5, "", "expected 2 values, found 3"),
        (7, "", "not readable as CSV: ',' expected after '\"'"),
        (8, "5", None),
    ]
    assert found["vendor.name"][0] == "two\nlines"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_encoding_is_recognised_or_said(tmp_path: Path, encoding: str) -> None:
    """UTF-8 and UTF-16 tell themselves; the others are named in sources.yml."""
    path = write(tmp_path, "a.csv", "id,name", "1,Müller", encoding=encoding)

    found = rows(path, encoding="cp1252" if encoding == "cp1252" else "utf-8")

    assert found.select("vendor.id", "vendor.name").rows() == [("1", "Müller")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has 0 bytes"),
        ("id\nMüller\n".encode("cp1252"), "not written in utf-8; set `encoding`"),
        (b'id,name\n1,a\n2,"b\n3,c\n', "a quote opened on line 3 is never closed"),
        (b'id,name\n1,"' + b"x\n" * 100_000, "a quote opened on line 2 is never closed"),
    ],
    ids=["empty", "latin-1", "open quote", "open quote in a long file"],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, message: str) -> None:
    """Never mojibake, never half a file."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)

    with pytest.raises(SourceRejected, match=message):
        rows(path)


def test_quotation_marks_may_be_text(tmp_path: Path) -> None:
    """Then a line is a row, whatever opens in it."""
    path = write(tmp_path, "a.tsv", "id\tname", '1\t"Acme" Sample', '2\t"Beta', "3\tb")

    found = rows(path, quoted=False)

    assert found["vendor.name"].to_list() == ['"Acme" Sample', '"Beta', "b"]
    assert found["_reject"].null_count() == 3


def test_a_header_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    """That is another thing than an empty file."""
    found = rows(write(tmp_path, "a.csv", "id, REVENUE ,id"))

    assert found.height == 0
    assert found.columns[:3] == ["vendor.id", "vendor.REVENUE", "vendor.id (2)"]


def test_a_parquet_file_keeps_its_types_and_is_whole_or_nothing(tmp_path: Path) -> None:
    """One that was cut off is refused."""
    path = tmp_path / "a.parquet"
    pl.DataFrame({"_line": [7, 8], "tags": [["a"], None]}).write_parquet(path)

    found = rows(path)
    path.write_bytes(path.read_bytes()[:-20])

    assert found.select("_line", "vendor._line").rows() == [(1, 7), (2, 8)]
    assert found.schema["vendor.tags"] == pl.List(pl.String)
    with pytest.raises(SourceRejected, match="not a whole Parquet file"):
        rows(path)


def test_names_stand_for_a_header_that_is_not_there(tmp_path: Path) -> None:
    """With another delimiter, too."""
    path = write(tmp_path, "a.csv", "1;a", "2;b")

    found = rows(path, header=False, names=("id", "name"), delimiter=";")

    assert found.select("vendor.id", "vendor.name").rows() == [("1", "a"), ("2", "b")]


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2)))
def test_what_is_written_as_csv_is_read_as_it_was(table: list[list[str]]) -> None:
    """Quotes, commas and line breaks inside of values included."""
    import csv
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["id", "name"], *table])

        assert rows(path).select("vendor.id", "vendor.name").rows() == [tuple(r) for r in table]


def test_dated_drops_answer_for_their_week(tmp_path: Path) -> None:
    """Of a snapshot the newest up to the week counts, of events all up to the week."""
    for name in ("2026-10-19", "2026-10-26", "2026-11-09", "latest"):
        write(tmp_path, f"drops/{name}.csv", "id")
    options = FileOptions(path="drops/*.csv", date_in_name="%Y-%m-%d")

    newest = located("vendor", options, request(tmp_path))
    all_dates = located("vendor", options, request(tmp_path), all_dates=True)

    assert [path.stem for path in newest] == ["2026-10-26"]
    assert [path.stem for path in all_dates] == ["2026-10-19", "2026-10-26"]
    with pytest.raises(
        SourceNotFound, match=r"no file dated 2026-10-12 or earlier matches .*\.csv"
    ):
        located("vendor", options, request(tmp_path, date(2026, 10, 12)))


def test_a_missing_file_names_the_pattern_and_hidden_files_are_no_drops(tmp_path: Path) -> None:
    """A name that begins with a dot is a file that is still being written."""
    write(tmp_path, "drops/.a.csv", "id")

    with pytest.raises(SourceNotFound, match=r"no file matches .*drops/\*\.csv"):
        located("vendor", FileOptions(path="drops/*.csv"), request(tmp_path))
