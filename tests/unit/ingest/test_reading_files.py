"""Reading files: no row is lost without its line and reason, and no file is read by guess."""

import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceNotFound, SourceRejected, SourceUnavailable
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


def test_fields_of_structures_are_columns_and_bytes_are_text(tmp_path: Path) -> None:
    """As vendors nest them, and as older tools write text."""
    place = {"name": "HQ", "geo": {"country": "de"}}
    nested = {"place": [place, None], "city": [b"Ulm", b"\xff"], "plain": [b"a", None]}
    pl.DataFrame(nested).write_parquet(tmp_path / "a.parquet")

    found = rows(tmp_path / "a.parquet")

    assert found.drop("_file", "_line", "_reject").to_dict(as_series=False) == {
        "vendor.place.name": ["HQ", None],
        "vendor.place.geo.country": ["de", None],
        "vendor.city": ["Ulm", None],
        "vendor.plain": ["a", None],
    }


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


def test_a_file_that_is_written_meanwhile_is_for_a_later_run(tmp_path: Path) -> None:
    """What came of it by then may end in the middle; a later run can read it whole."""
    path = write(tmp_path, "a.csv", "id,name", "1,a")
    frames = read("vendor", path, FileOptions(path="x"))
    next(frames)

    with path.open("a") as file:
        file.write("2,")

    with pytest.raises(SourceUnavailable, match=r"a\.csv was written while it was read; run again"):
        list(frames)


@pytest.mark.parametrize("pattern", ["drops/*.csv", "drops/a.csv", "drop?/*", "**/*.csv"])
def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path, pattern: str) -> None:
    """Whoever may put a file there may not choose another one of this machine."""
    secret = write(tmp_path / "elsewhere", "private.csv", "id,name")
    folder = tmp_path / "home"
    write(folder, "drops/b.csv", "id")
    (folder / "drops" / "a.csv").symlink_to(secret)

    with pytest.raises(SourceRejected, match=r"a\.csv is a link that leads out of .*home"):
        located("vendor", FileOptions(path=pattern), request(folder))


def test_links_within_the_folder_and_of_the_folder_are_followed(tmp_path: Path) -> None:
    """The newest drop may have a name that stays, and the folder may lie on another disk."""
    write(tmp_path, "disk/a-1.csv", "id")
    (tmp_path / "disk" / "newest.csv").symlink_to("a-1.csv")
    (tmp_path / "drops").symlink_to(tmp_path / "disk")

    for pattern in ("drops/newest.csv", "drops/n*"):
        (found,) = located("vendor", FileOptions(path=pattern), request(tmp_path))
        assert found.name == "newest.csv"


@pytest.mark.parametrize(
    "name", ["a\nb.csv", "a\x1b[2Jb.csv", "a\u202evsc.exe.csv", "a\u2028.csv", b"a\xff.csv"]
)
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: str | bytes) -> None:
    """Else it would write lines of its own into logs, or fail where rejects are written."""
    path = tmp_path / os.fsdecode(name)
    path.write_text("id\n1\n")

    with pytest.raises(SourceRejected, match=r"the name 'a\\.*' has characters") as error:
        located("vendor", FileOptions(path="*.csv"), request(tmp_path))

    assert str(error.value).isprintable()


def test_a_value_with_bytes_of_zero_is_a_value(tmp_path: Path) -> None:
    """In a row by itself and in one with a line break; the landing takes them out."""
    path = write(tmp_path, "a.csv", "id;name", "1;Ac\x00me", '2;"Be\x00ta\n"', "3")

    found = rows(path, delimiter=";")

    assert found["vendor.name"].to_list() == ["Ac\x00me", "Be\x00ta\n", ""]
    assert found["_reject"].to_list() == [None, None, "expected 2 values, found 1"]


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
