"""Each check of the finished files has a damage that makes exactly that one fail."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from expectations.files import files
from expectations.results import GateResults
from ingest.settings import Settings
from orchestration.gate import judge_files
from orchestration.warehouse import warehouse_file
from tests.support.publications import publish_week, settings_in
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID

Damage = Callable[[Path, Settings], object]


def rewritten(
    name: str, change: Callable[[pl.DataFrame], pl.DataFrame], bom: bool = False
) -> Damage:
    """A CSV file with its rows changed."""

    def damage(folder: Path, _: Settings) -> None:
        path = folder / name
        frame = change(pl.read_csv(path, infer_schema=False))
        path.write_bytes(frame.write_csv(include_bom=bom, quote_style="always").encode())

    return damage


def appended(name: str, text: str) -> Damage:
    """A file with more text at its end."""

    def damage(folder: Path, _: Settings) -> None:
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return damage


def removed(name: str) -> Damage:
    return lambda folder, _: (folder / name).unlink()


def said(statement: str) -> Damage:
    """A statement about the warehouse, so that sources say something new."""

    def damage(_: Path, settings: Settings) -> None:
        with duckdb.connect(str(warehouse_file(settings, LIST_WEEK))) as connection:
            connection.execute(statement)

    return damage


def in_workbook(text: str) -> Damage:
    """The workbook with further text in a part of its own sheets."""

    def damage(folder: Path, _: Settings) -> None:
        with zipfile.ZipFile(folder / "target_accounts.xlsx", "a") as archive:
            archive.writestr("xl/worksheets/sheet9.xml", text)

    return damage


def cell(column: str, value: str, row: int = 0) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """The frame with one cell replaced."""
    place = pl.int_range(pl.len()) == row
    return lambda frame: frame.with_columns(
        pl.when(place).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    )


def widened_mart(folder: Path, _: Settings) -> None:
    """One row more in a Parquet mart than in the DuckDB file."""
    path = folder / "marts" / "criteria.parquet"
    frame = pl.read_parquet(path)
    pl.concat([frame, frame.head(1)]).write_parquet(path)


SUPPRESS = (
    "insert into raw.suppressions (source, batch_id, key_kind, key, reason, until_date) "
    "values ('do_not_contact', 'b', '{}', {}, 'do_not_contact', null)"
)

DAMAGES: list[tuple[str, Damage]] = [
    ("files_complete", lambda folder, _: (folder / "notes.txt").write_text("of nobody")),
    ("files_complete", lambda folder, _: (folder / "marts" / "more").write_text("")),
    ("files_of_this_version", rewritten("changes.csv", cell("list_week", "2026-11-16"))),
    ("files_of_this_version", rewritten("import/contacts.csv", cell("publish_id", "another"))),
    ("mart_files_agree", widened_mart),
    ("list_files_agree", rewritten("target_accounts.csv", lambda rows: rows.head(2))),
    ("list_files_agree", rewritten("target_accounts.csv", cell("rank", "9"))),
    ("list_files_agree", rewritten("import/accounts.csv", lambda rows: rows.head(0))),
    ("contact_files_agree", rewritten("target_contacts.csv", lambda rows: rows.head(1))),
    ("no_suppressed_account_in_files", rewritten("changes.csv", cell("account_id", "a5"))),
    ("no_suppressed_account_in_files", appended("report.html", "<i>a5</i>")),
    ("no_suppressed_account_in_files", in_workbook("<c>a5</c>")),
    ("no_barred_person_in_files", said(SUPPRESS.format("email", "'ADA@nordlicht.example'"))),
    (
        "no_barred_person_in_files",
        said(SUPPRESS.format("email_sha256", "sha256('ada@nordlicht.example')")),
    ),
    ("no_barred_person_in_files", appended("report.html", "<i>Gone@Hostile.example</i>")),
    ("people_files_formula_safe", rewritten("changes.csv", cell("name", "=1+1"))),
    ("people_files_formula_safe", rewritten("qualified_out.csv", cell("reason", " @SUM(A1)"))),
    ("import_values_as_they_are", rewritten("import/accounts.csv", cell("name", "'Nordlicht"))),
    (
        "import_keys_unique",
        rewritten("import/contacts.csv", lambda rows: pl.concat([rows, rows])),
    ),
    ("workbook_without_formulas", in_workbook("<c><f>1+1</f></c>")),
    ("pages_self_contained", appended("report.html", "<img src='https://elsewhere.example/x'>")),
    ("pages_self_contained", appended("perfect_customer.html", "<link rel=stylesheet href=x>")),
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_in(tmp_path_factory.mktemp("files") / "home")
    publish_week(settings)
    return settings


@pytest.fixture
def home(published: Settings, tmp_path: Path) -> Settings:
    """A home of its own with one finished version in it."""
    shutil.copytree(published.home, tmp_path / "home", symlinks=True)
    return settings_in(tmp_path / "home")


def version(settings: Settings) -> Path:
    """The version's folder, with the gate page and the manifest as they were written."""
    return settings.published / ".versions" / PUBLISH_ID


def judged(settings: Settings, folder: Path) -> GateResults:
    return judge_files(settings, folder, GateResults(LIST_WEEK, PUBLISH_ID, ()))


def test_sound_files_pass_every_check(home: Settings) -> None:
    """Nothing fails that should not, hostile names and all."""
    results = judged(home, version(home))

    assert [f"{f.check}: {f.found}" for f in results.findings if not f.passed] == []
    assert all(finding.why and finding.expected for finding in results.findings)


@pytest.mark.parametrize(("check", "damage"), DAMAGES)
def test_damage_fails_the_check_that_guards_it(home: Settings, check: str, damage: Damage) -> None:
    """A broken file makes the check that guards it fail, and no other; none can be accepted."""
    folder = version(home)
    damage(folder, home)

    failed = [finding for finding in judged(home, folder).findings if not finding.passed]

    assert [finding.check for finding in failed] == [check]
    assert failed[0].refuses
    assert not failed[0].acceptable


def test_a_file_that_is_missing_refuses(home: Settings) -> None:
    """Whatever else can't be read without it."""
    folder = version(home)
    (folder / "marts" / "criteria.parquet").unlink()

    failed = {finding.check for finding in judged(home, folder).findings if not finding.passed}

    assert "files_complete" in failed


def test_every_check_of_the_files_has_a_damage() -> None:
    """A check that was never seen to fail is no check."""
    assert {check.name for check in files(LIST_WEEK, PUBLISH_ID, ())} == {n for n, _ in DAMAGES}
