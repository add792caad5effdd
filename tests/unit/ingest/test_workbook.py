"""Workbooks: what people send from Excel is read by rule, or refused in one line."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest
from openpyxl import Workbook

from ingest import workbook
from ingest.errors import SourceRejected
from ingest.files import FileOptions, first_record, read
from tests.support.sources import fetched

HEADER = ("ID", "Name", "Headcount")
SHEET = "xl/worksheets/sheet1.xml"


def book(
    path: Path, *rows: Sequence[Any], change: Callable[[Workbook], None] = lambda made: None
) -> Path:
    """A workbook with one sheet of these rows, changed before it is saved."""
    made = Workbook()
    made.active.title = "Accounts"
    for row in rows:
        made.active.append(row)
    change(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path)
    return path


def rows(path: Path, **options: object) -> pl.DataFrame:
    """All rows of a file."""
    return pl.concat(read("vendor", path, FileOptions(path="x", **options)))


def spoil(path: Path, *changes: tuple[str, str]) -> None:
    """Put other text into the XML of the workbook's sheet."""
    with ZipFile(path) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    for before, after in changes:
        assert before in parts[SHEET]
        parts[SHEET] = parts[SHEET].replace(before, after)
    with ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name, text in parts.items():
            new.writestr(name, text)


def test_a_sheet_lands_as_its_csv_would(tmp_path: Path) -> None:
    """Numbers, numbers stored as text, days and flags, by the same map; a zip may hold it."""
    typed = book(
        tmp_path / "drops" / "typed.xlsx",
        (*HEADER, "Founded", "Rival", "Revenue"),
        (1, "Acme Sample", 820, date(2009, 1, 31), True, 18_300_000.5),
        (2.0, "Beta Sample", "1,000-5,000", datetime(2012, 2, 29), False, None),
    )
    with ZipFile(tmp_path / "drops" / "packed.zip", "w") as archive:
        archive.write(typed, "export/typed.xlsx")
    (tmp_path / "drops" / "typed.csv").write_text(
        "ID,Name,Headcount,Founded,Rival,Revenue\n"
        "1,Acme Sample,820,2009-01-31,yes,18300000.5\n"
        '2,Beta Sample,"1,000-5,000",2012-02-29,no,\n'
    )
    entry = """
connector: files
tables:
  companies:
    path: ../drops/{}
    columns:
      source_company_id: ID
      name: Name
      employees: {{from: Headcount, as: number_or_band}}
      revenue_usd: Revenue
    attributes: {{founded: {{from: Founded, as: date}}, uses_rival: {{from: Rival, as: boolean}}}}
"""

    landed = {
        name: fetched(tmp_path / name, entry.format(name))["companies"].batch
        for name in ("typed.csv", "typed.xlsx", "packed.zip")
    }

    assert (landed["typed.csv"].rows, landed["typed.csv"].unconverted) == (2, 0)
    assert len({batch.content_hash for batch in landed.values()}) == 1


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (46_023, "46023"),
        (0.25, "0.25"),
        (1e15, "1000000000000000"),
        (datetime(2026, 1, 31, 6, 30), "2026-01-31T06:30:00"),
        (time(6, 30), "06:30:00"),
        ("#N/A", ""),
        ("=1+1", ""),
        ("00123", "00123"),
        (" two\nlines ", "two\nlines"),
    ],
)
def test_a_cell_is_the_text_of_its_value(tmp_path: Path, cell: Any, text: str) -> None:
    """Not as it is shown: a serial number that isn't shown as a day is a number. A formula that
    nobody has worked out yet has no value.
    """
    found = rows(book(tmp_path / "a.xlsx", ("ID", "Cell", "Name"), (1, cell, "Acme Sample")))

    assert found["vendor.Cell"].to_list() == [text]


def test_each_row_knows_its_number_and_a_broken_one_its_reason(tmp_path: Path) -> None:
    """Rows without a value are none; the header may stand below some."""
    path = book(
        tmp_path / "a.xlsx", (), (), HEADER, (1, "Acme"), (), (2, "Beta", 5, "x"), (3, None, 7)
    )

    found = rows(path)

    assert found.select("_line", "vendor.ID", "vendor.Headcount", "_reject", "_file").rows() == [
        (4, "1", "", None, "a.xlsx"),
        (6, "", "", "expected 3 values, found 4", "a.xlsx"),
        (7, "3", "7", None, "a.xlsx"),
    ]


def test_a_header_of_merged_cells_is_refused(tmp_path: Path) -> None:
    """Half of its columns have no name; which of them is meant would be a guess."""

    def merge(made: Workbook) -> None:
        made.active.merge_cells("B1:C1")

    path = book(tmp_path / "a.xlsx", ("ID", "Address", "", "Country"), change=merge)

    with pytest.raises(SourceRejected, match=r"a\.xlsx: row 1 leaves column C without a name"):
        rows(path)


def test_a_title_above_the_header_is_told(tmp_path: Path) -> None:
    """It is taken for the header, which then lacks what the map names."""
    book(tmp_path / "drops" / "a.xlsx", ("Our accounts",), HEADER, (1, "Acme", 5))
    columns = "{source_company_id: ID, name: Name}"
    entry = f"connector: files\ntables: {{companies: {{path: drops/*, columns: {columns}}}}}"

    with pytest.raises(SourceRejected, match='expected the column "ID", "Name", found Our acc'):
        fetched(tmp_path, entry)


def test_a_name_on_two_lines_is_one(tmp_path: Path) -> None:
    """People break the lines of their headers; a name that comes twice is numbered."""
    path = book(tmp_path / "a.xlsx", ("Head\ncount ", "Name", "Name"), (1, "a", "b"))

    assert rows(path).columns[:3] == ["vendor.Head count", "vendor.Name", "vendor.Name (2)"]
    assert first_record("vendor", path, FileOptions(path="x"))[1:] == ["Name", "Name"]


def two_sheets(made: Workbook) -> None:
    """Another one, with other rows."""
    made.create_sheet("Old")
    made["Old"].append(("ID",))
    made["Old"].append((99,))


def hidden(made: Workbook) -> None:
    """The other one is hidden."""
    two_sheets(made)
    made["Old"].sheet_state = "hidden"


def test_of_several_sheets_the_one_that_is_named_is_read(tmp_path: Path) -> None:
    """Hidden ones too, but only so: nobody sees what stands there."""
    several = book(tmp_path / "a.xlsx", ("ID",), (1,), change=two_sheets)
    one = book(tmp_path / "b.xlsx", ("ID",), (1,), change=hidden)

    assert rows(one)["vendor.ID"].to_list() == ["1"]
    for path in (one, several):
        assert rows(path, sheet="Old")["vendor.ID"].to_list() == ["99"]
    with pytest.raises(SourceRejected, match="one sheet that is shown, found Accounts, Old; name"):
        rows(several)
    with pytest.raises(SourceRejected, match='has no sheet "Older"; it has Accounts, Old'):
        rows(several, sheet="Older")


def test_a_sheet_without_any_row_has_no_header(tmp_path: Path) -> None:
    """A header alone is another thing: a table without rows."""
    with pytest.raises(SourceRejected, match="expected a header in the sheet's first row"):
        rows(book(tmp_path / "a.xlsx"))

    assert rows(book(tmp_path / "b.xlsx", HEADER)).height == 0
    named = rows(book(tmp_path / "c.xlsx", (1, "a")), header=False, names=["ID", "Name"])
    assert named["vendor.ID"].to_list() == ["1"]


ENTITIES = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghijk"))
BOMB = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{ENTITIES}]><worksheet'


@pytest.mark.parametrize(
    "damage",
    ["cut off", "not a zip", "no sheet", "a row beyond all rows", "a bomb of entities", "no xml"],
)
def test_what_is_no_whole_workbook_is_refused(tmp_path: Path, damage: str) -> None:
    """In one line, whatever is wrong with it, and at once."""
    path = book(tmp_path / "a.xlsx", HEADER, (1, "Acme", 5))
    changes = {
        "a row beyond all rows": [('<row r="2"', '<row r="99999999999"')],
        "a bomb of entities": [("<worksheet", BOMB), ("<v>5</v>", "<v>&k;</v>")],
        "no xml": [("</row>", "</rum>")],
    }
    if damage == "cut off":
        path.write_bytes(path.read_bytes()[:-200])
    elif damage == "not a zip":
        path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(500))
    elif damage == "no sheet":
        with ZipFile(path, "w") as archive:
            archive.writestr("x.csv", "id\n")
    else:
        spoil(path, *changes[damage])

    with pytest.raises(SourceRejected, match=r"a\.xlsx is not a whole Excel workbook"):
        rows(path)


def test_a_workbook_larger_than_the_cap_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a byte of it is unpacked."""
    monkeypatch.setattr(workbook, "MOST_BYTES", 1_000)

    with pytest.raises(SourceRejected, match="more than the cap of 1,000 bytes; save it as CSV"):
        rows(book(tmp_path / "a.xlsx", HEADER))


def test_cells_far_to_the_right_cost_no_memory(tmp_path: Path) -> None:
    """A row is as wide as its last cell; of one that is too wide only that is kept."""
    path = book(tmp_path / "a.xlsx", HEADER, *[(1, "Acme", 5)] * 100)
    spoil(path, *((f'<c r="C{row}"', f'<c r="XFD{row}"') for row in range(2, 102)))

    tracemalloc.start()
    found = rows(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert set(found["_reject"]) == {"expected 3 values, found 16384"}
    assert peak < 6 * 2**20
