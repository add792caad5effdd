"""The workbook opens, filters, prints and can be trusted, whatever the names in it are."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from expectations.results import GateResults
from orchestration.publishing.marts import opened, write_database
from orchestration.publishing.workbook import write_workbook
from orchestration.publishing.xlsx_files import CUT, EXCEL, Limits
from orchestration.warehouse import warehouse_file
from tests.support.publications import edition, gate, settings_in
from tests.support.warehouse import HOSTILE_NAME, build_warehouse

SHEETS = ["List", "Changes", "Reasons", "Criteria", "Read me"]
RUNNABLE = [
    HOSTILE_NAME,
    "=1+1",
    "+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    " =1",
    "\uff1d1",
    "\uff20SUM(A1)",
]
HARMLESS = [
    "{=1+1}",
    "<r>&</r>",
    "<r><t>bold</t></r>",
    "https://evil.example",
    "internal:'List'!A1",
    "external:C:\\other.xlsx",
    "007",
    "TRUE",
    "#N/A",
    "東京 Holdings 🚀",
    "  spaced  ",
    "O'Neill & <Sons>",
]
WEBSITES = {
    "https://firm.example/a?b=c#d": True,
    "HTTP://FIRM.EXAMPLE/": True,
    "https://bücher.example/%20": True,
    "www.firm.example": False,
    "javascript:alert(1)": False,
    "file://server/share": False,
    "external:C:\\other.xlsx": False,
    "mailto:ada@firm.example": False,
    "https://firm.example/a b": False,
    'https://firm.example/"><a': False,
    "https://firm.example/%zz": False,
    "https://firm.example/" + "a" * 2_058: True,
    "https://firm.example/" + "a" * 2_059: False,
}
"""Addresses, and whether they are to become links."""
STREAMED = Limits(rows_in_memory=0)


def write(
    folder: Path,
    mutations: Iterable[str] = (),
    limits: Limits = EXCEL,
    results: GateResults | None = None,
) -> Path:
    """The workbook of the fixture's marts, changed by SQL."""
    settings = settings_in(folder)
    build_warehouse(warehouse_file(settings, edition(settings).list_week), mutations=mutations)
    database = folder / "marts.duckdb"
    write_database(database, edition(settings))
    path = folder / "out" / "target_accounts.xlsx"
    path.parent.mkdir()
    with opened(database) as marts:
        write_workbook(path, marts, results or gate(), limits)
    return path


def read(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def cells(book: Any) -> Iterator[Any]:
    """Every cell of every sheet that holds something."""
    for sheet in book:
        for row in sheet.iter_rows():
            yield from (cell for cell in row if cell.value is not None)


def column(sheet: Any, heading: str) -> list[Any]:
    """The cells below a heading."""
    headings = [cell.value for cell in sheet[1]]
    return list(sheet.columns)[headings.index(heading)][1:]


def values(sheet: Any, heading: str) -> list[Any]:
    return [cell.value for cell in column(sheet, heading)]


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def texts(path: Path) -> str:
    """All of the file's XML in one text."""
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def entries(book: Any) -> dict[Any, Any]:
    """What stands beside each name on the Read me sheet."""
    return {row[0]: row[1] for row in rows(book["Read me"])}


def listed(name: str, rank: int = 10) -> str:
    """SQL that lists one more account under a name, given as an SQL expression."""
    return (
        f"insert into marts.target_accounts select * replace ({rank} as rank, "
        f"'x{rank}' as account_id, {name} as name) from marts.target_accounts where rank = 1"
    )


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours as the web's accessibility guidelines define it."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[-6:][start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("workbook"))


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The cell of each address."""
    mutations = [listed("'Firm'", rank) for rank in range(10, 10 + len(WEBSITES))]
    mutations += [
        f"update marts.target_accounts set website = {literal(website)} where rank = {rank}"
        for rank, website in enumerate(WEBSITES, start=10)
    ]
    book = read(write(tmp_path_factory.mktemp("links"), mutations))
    return {cell.value: cell for cell in column(book["List"], "Website")}


@pytest.fixture(scope="module")
def book(path: Path) -> Any:
    return read(path)


def test_it_has_a_sheet_for_each_question(book: Any) -> None:
    """The list comes first, so that it is what opens; what explains the rest comes last."""
    assert book.sheetnames == SHEETS
    assert book.active.title == "List"


@pytest.mark.parametrize("name", SHEETS[:-1])
def test_a_table_can_be_scrolled_filtered_and_printed(book: Any, name: str) -> None:
    """Headings and first columns stay in sight and on each page; the filter spans all rows."""
    sheet = book[name]

    assert sheet.freeze_panes in ("E2", "C2", "D2")
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert all(6 <= d.width <= 66 for d in sheet.column_dimensions.values())


def test_headings_are_words_and_ids_come_last(book: Any) -> None:
    """No heading is a column name of the marts."""
    headings = {name: [cell.value for cell in book[name][1]] for name in SHEETS[:-1]}

    assert headings["List"][:4] == ["Rank", "Tier", "Change", "Account (made up)"]
    assert "Organisation fit" in headings["List"]
    assert [h[-1] for h in headings.values()] == ["Account id", "Account id", "Reason id", "Id"]
    assert not any("_" in heading for row in headings.values() for heading in row)


def test_numbers_and_dates_are_cells_of_their_kind(book: Any) -> None:
    """A spreadsheet can sort and sum them, and shows them as people write them."""
    sheet = book["List"]
    (employees, unknown, _), (revenue, *_) = (
        column(sheet, "Employees"),
        column(sheet, "Revenue (USD)"),
    )
    score, signal = column(sheet, "Alignment")[0], column(sheet, "Newest signal")[0]

    assert (employees.value, employees.number_format, unknown.value) == (820, "#,##0", None)
    assert (revenue.value, revenue.number_format) == (120_000_000, "#,##0")
    assert (score.value, score.number_format) == (65.4213, "0.0")
    assert (signal.value, signal.number_format) == (datetime(2026, 11, 20), "yyyy-mm-dd")
    assert signal.is_date


def test_what_excel_has_no_number_for_is_text(tmp_path: Path) -> None:
    """Endless numbers and days before its calendar don't stop the workbook."""
    mutation = """
        update marts.target_accounts set revenue_usd = 'inf', newest_signal_date = '1815-06-18'
        where rank = 1
    """

    sheet = read(write(tmp_path, [mutation]))["List"]

    assert values(sheet, "Revenue (USD)")[0] == "inf"
    assert values(sheet, "Newest signal")[0] == "1815-06-18"


def test_reasons_add_up_to_the_scores_of_the_list(book: Any) -> None:
    """The cells hold every digit, so that whoever checks the sums finds them right."""
    found: dict[tuple[str, str], float] = {}
    for row in rows(book["Reasons"])[1:]:
        found[row[1], row[2]] = found.get((row[1], row[2]), 0) + row[4]

    for row in rows(book["List"])[1:]:
        assert [found[row[3], leg] for leg in ("organisation fit", "people coverage")] == [
            pytest.approx(row[6], abs=1e-9),
            pytest.approx(row[7], abs=1e-9),
        ]
        assert found[row[3], "issue urgency"] == pytest.approx(row[8], abs=1e-9)


def test_people_are_those_whom_the_contacts_name(tmp_path: Path) -> None:
    """Whoever can be reached but holds no role is none to talk to; two roles are one person."""
    change = (
        "insert into marts.target_contacts select * replace ('tax_lead' as role_id) "
        "from marts.target_contacts where rank = 1",
        "update marts.target_accounts set reachable_contacts = 9",
        "delete from marts.target_contacts where rank = 3",
    )
    found = column(read(write(tmp_path, change))["List"], "People to talk to")

    assert [cell.value for cell in found] == [1, 1, 0]


def test_reasons_carry_their_evidence(book: Any) -> None:
    """The list's order, the legs' order, most points first; with source and date."""
    assert rows(book["Reasons"])[1][:9] == (
        1,
        "Nordlicht Werke",
        "organisation fit",
        "mid size",
        60,
        "Big enough to feel the pain",
        "employees: known",
        "crm",
        datetime(2026, 11, 23),
    )


def test_changes_tell_also_who_left(book: Any) -> None:
    """With how far each account moved."""
    sheet = book["Changes"]

    assert values(sheet, "Change") == ["up", "new", "same", "left"]
    assert values(sheet, "Places moved") == [1, None, 0, None]
    assert values(sheet, "Alignment gained")[0] == pytest.approx(15.4213)
    assert values(sheet, "Compared with")[0] == datetime(2026, 11, 16)


def test_criteria_are_the_whole_document(book: Any) -> None:
    """Criteria, disqualifiers, roles and issues in the order of the document."""
    sheet = book["Criteria"]

    assert values(sheet, "Kind") == [*["criterion"] * 2, "disqualifier", "role", "role", "issue"]
    assert values(sheet, "Name")[0] == "mid size"
    assert values(sheet, "What we look for")[0] == "employees: between 200 and 5000"
    assert values(sheet, "What doing nothing costs")[-1] == "Ten days of work a month"
    assert values(sheet, "Budget")[3] == "maker"


def test_countries_are_named(book: Any) -> None:
    """People read names; codes are for machines."""
    assert values(book["List"], "Country") == ["Germany", "United States", "Japan"]


@pytest.mark.parametrize("limits", [EXCEL, STREAMED], ids=["in memory", "streamed"])
def test_hostile_names_are_plain_text_unchanged(tmp_path: Path, limits: Limits) -> None:
    """Nothing becomes a formula, a link, a number or markup, also when its cell is edited."""
    names = [*RUNNABLE, *HARMLESS]
    mutations = [listed(literal(name), 10 + i) for i, name in enumerate(names)]

    book = read(write(tmp_path, mutations, limits))
    found = column(book["List"], "Account (made up)")[3:]

    assert [cell.value for cell in found] == names
    assert {cell.data_type for cell in found if cell.value != "#N/A"} == {"s"}
    assert not [cell for cell in found if cell.hyperlink]
    assert [cell.value for cell in found if cell.quotePrefix] == RUNNABLE
    assert not [cell for cell in cells(book) if cell.data_type == "f"]
    assert "<f>" not in texts(tmp_path / "out" / "target_accounts.xlsx")


def test_rows_may_be_streamed_with_the_same_result(path: Path, tmp_path: Path) -> None:
    """Where there are too many for the memory, nothing else changes."""
    streamed = read(write(tmp_path, limits=STREAMED))

    assert {s.title: rows(s) for s in streamed} == {s.title: rows(s) for s in read(path)}


def test_what_xml_cannot_hold_is_removed(tmp_path: Path) -> None:
    """One stray control character doesn't make Excel refuse the whole workbook."""
    name = "'A' || chr(0) || chr(1) || chr(11) || chr(27) || chr(65534) || 'B' || chr(13) || 'C'"

    book = read(write(tmp_path, [listed(name)]))

    assert values(book["List"], "Account (made up)")[-1] == "AB\nC"


def test_long_texts_are_cut_with_a_mark(tmp_path: Path) -> None:
    """Excel counts a character outside the basic plane as two, and so does the cut."""
    book = read(write(tmp_path, [listed("repeat('🚀', 20000)"), listed("repeat('x', 32767)", 11)]))
    cut, whole = values(book["List"], "Account (made up)")[-2:]

    assert cut == "🚀" * ((EXCEL.text - len(CUT)) // 2) + CUT
    assert whole == "x" * 32_767


@pytest.mark.parametrize(("website", "is_link"), WEBSITES.items())
def test_only_sound_web_addresses_become_links(
    linked: dict[str, Any], website: str, is_link: bool
) -> None:
    """Anything else, also what is too long for Excel, is shown as text."""
    cell = linked[website]

    assert bool(cell.hyperlink) is is_link
    if is_link:
        target, _, place = website.partition("#")
        assert (cell.hyperlink.target, cell.hyperlink.location or "") == (target, place)


def test_links_stop_where_excel_would_drop_them(tmp_path: Path) -> None:
    """The addresses after the last possible link are there as text."""
    sheet = read(write(tmp_path, limits=Limits(links=2)))["List"]

    websites = column(sheet, "Website")
    assert [bool(cell.hyperlink) for cell in websites] == [True, True, False]
    assert websites[2].value == "https://www.nordlicht.example"


@pytest.mark.parametrize("limits", [Limits(rows=3), Limits(rows=3, rows_in_memory=0)])
def test_rows_beyond_excel_are_left_out_and_said_so(tmp_path: Path, limits: Limits) -> None:
    """The best of the list are there, and the Read me tells where all are."""
    book = read(write(tmp_path, limits=limits))

    assert values(book["List"], "Rank") == [1, 2]
    notes = [str(row[1]) for row in rows(book["Read me"])]
    assert (
        "Excel holds no more than the first 2 of these rows; all are in "
        "marts/target_accounts.parquet." in notes
    )


def test_suppressed_accounts_are_nowhere(tmp_path: Path) -> None:
    """Also not as one who left the list."""
    left = """
        insert into marts.target_account_changes
        select * replace ('a5' as account_id, 'Our Customer' as name, 'customer.example' as domain,
            null as rank)
        from marts.target_account_changes where change = 'left'
    """

    content = texts(write(tmp_path, [left]))

    assert "Our Customer" not in content
    assert "customer.example" not in content
    assert "Quiet Harbour" in content


def test_tiers_are_told_by_word_and_colour(tmp_path: Path) -> None:
    """Each tier's name stands in the cell; the first ones have colours of their own."""
    more = [listed("'More'", rank) for rank in (10, 11, 12)]
    tiers = [f"update marts.target_accounts set tier = 'T{r}' where rank = {r}" for r in (10, 11)]

    found = column(read(write(tmp_path, [*more, *tiers]))["List"], "Tier")
    colours = {cell.value: cell.fill.start_color.rgb for cell in found}

    assert [cell.value for cell in found] == ["A", "B", "B", "T10", "T11", "A"]
    assert len(set(colours.values())) == 4


def test_text_can_be_read_on_every_colour(tmp_path: Path) -> None:
    """The contrast is at least 4.5 to 1, as accessibility guidelines ask; scores' shades too."""
    coloured = [cell for cell in cells(read(write(tmp_path))) if cell.fill.fill_type == "solid"]
    pairs = {(c.fill.start_color.rgb, c.font.color.rgb) for c in coloured}

    assert len(pairs) >= 4
    assert not [pair for pair in pairs if contrast(*pair) < 4.5]
    assert contrast("5FA8DC", "000000") > 4.5


def test_scores_are_shaded_on_one_scale(book: Any) -> None:
    """From 0 to 100 in each column, so that shades can be compared."""
    ranges = {str(r.sqref): rule for r in book["List"].conditional_formatting for rule in r.rules}

    assert list(ranges) == ["F2:F4", "G2:G4", "H2:H4", "I2:I4"]
    assert {tuple(c.val for c in rule.colorScale.cfvo) for rule in ranges.values()} == {(0, 100)}


def test_headings_are_explained_where_they_are_and_on_the_last_sheet(book: Any) -> None:
    """The same words as a note on the heading and on the Read me sheet."""
    notes = {
        cell.value: cell.comment.text
        for sheet in book
        for cell in sheet[1]
        if cell.comment is not None
    }

    assert {"Alignment", "Organisation fit", "People coverage", "Issue urgency"} <= notes.keys()
    assert notes.items() <= entries(book).items()


def test_the_read_me_tells_what_the_list_was_made_from(book: Any) -> None:
    """Week, versions, the week compared with, and that it is made up."""
    told = entries(book)

    assert rows(book["Read me"])[0][0] == "Target accounts, week of 23 November 2026"
    assert "Made-up data: no company and no person in this workbook exists." in told
    assert told["List week"] == datetime(2026, 11, 23)
    assert told["Compared with the list of"] == datetime(2026, 11, 16)
    assert told["Version of this list"] == "2026-11-23-0123456789ab"
    assert told["Version of the document"] == 3


def test_the_read_me_counts(book: Any) -> None:
    """Rows of each sheet, accounts by outcome, and of each table its age, rows and rejects."""
    found = rows(book["Read me"])
    counts = {row[0]: row[-1] for row in found}

    assert [counts[name] for name in SHEETS[:-1]] == [3, 4, 10, 6]
    assert [
        counts[name] for name in ("Listed", "Below the line", "Qualified out", "Suppressed")
    ] == [3, 1, 1, 1]
    assert ("crm", "companies", datetime(2026, 11, 23), 0, 5, 1, "made up") in found
    assert entries(book)["Newest signal on the list"] == datetime(2026, 11, 20)


def test_the_read_me_says_how_old_a_table_is_and_when_it_came_later(tmp_path: Path) -> None:
    """Of several batches the newest; what arrived after the week is marked."""
    mutations = [
        "update marts.source_batches set stamped_week = '2026-11-09' where source = 'intent'",
        """
        insert into marts.source_batches select * replace (date '2026-11-02' as stamped_week)
        from marts.source_batches where source = 'intent'
        """,
        "update marts.source_batches set is_known_later = true where source = 'visits'",
    ]

    found = rows(read(write(tmp_path, mutations))["Read me"])

    assert ("intent", "signals", datetime(2026, 11, 9), 14, 6, 0, "made up") in found
    assert [r[-1] for r in found if r[0] == "visits"] == ["made up, fetched for a later week"]


def test_the_read_me_shows_what_the_gate_noted(book: Any, tmp_path: Path) -> None:
    """Each banner with what was found and why it matters; or that there is none."""
    clean = GateResults(gate().list_week, gate().publish_id, gate().findings[:1])

    assert entries(book)["volume of signals"] == ("Found 3 rows, expected no fall. Signals <fell>.")
    assert "Nothing: every check of the data and of the list passed." in entries(
        read(write(tmp_path, results=clean))
    )


def test_the_read_me_says_how_sales_answers(book: Any) -> None:
    """By which file, with which columns, and where it is described."""
    told = " ".join(str(row[0]) for row in rows(book["Read me"]))

    assert "add the columns answer, answered, because and not before" in told
    assert "docs/sources.md" in told


def test_real_data_is_not_called_made_up(tmp_path: Path) -> None:
    """The warning stands only where it is true."""
    path = write(tmp_path, ["update marts.source_batches set is_made_up = false"])

    assert read(path)["List"]["D1"].value == "Account"
    assert "ade-up" not in texts(path)


def test_an_empty_list_is_a_workbook_too(tmp_path: Path) -> None:
    """A week in which nobody is aligned can be opened and explained."""
    empty = [
        f"delete from marts.{table}"
        for table in ("target_accounts", "target_account_reasons", "target_account_changes")
    ]

    book = read(write(tmp_path, empty))

    assert [book[name].max_row for name in SHEETS[:3]] == [1, 1, 1]
    assert entries(book)["Newest signal on the list"] == "none"
    assert entries(book)["Compared with the list of"] == "no earlier one"


def test_the_same_marts_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    """No clock and no place comes into it: the week stands for today."""
    with zipfile.ZipFile(path) as archive:
        times = {entry.date_time for entry in archive.infolist()}

    assert write(tmp_path).read_bytes() == path.read_bytes()
    assert times == {(1980, 1, 31, 0, 0, 0)}
    assert read(path).properties.created == datetime(2026, 11, 23)
    assert read(path).properties.modified == datetime(2026, 11, 23)


def test_nothing_is_left_beside_it(path: Path) -> None:
    """Temporary files would be published with the folder."""
    assert [file.name for file in path.parent.iterdir()] == ["target_accounts.xlsx"]


@pytest.mark.parametrize("limits", [EXCEL, STREAMED], ids=["in memory", "streamed"])
def test_what_cannot_be_written_is_an_error_of_the_system(tmp_path: Path, limits: Limits) -> None:
    """Publishing knows those, and says in one line what to do."""
    path = write(tmp_path)
    path.unlink()
    path.mkdir()

    with opened(tmp_path / "marts.duckdb") as marts, pytest.raises(IsADirectoryError):
        write_workbook(path, marts, gate(), limits)
