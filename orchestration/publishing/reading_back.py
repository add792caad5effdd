"""The files of a version, read back into the schema `files` as their readers will find them.

    inventory        path, bytes                       every file but those of the gate itself
    <csv file>       its columns, every cell as text   one view for each CSV file
    stamps           path, list_week, publish_id       every row that says what it belongs to
    marts            mart, rows, parquet_rows, built_rows
    words            path, word                        what pages and workbook say, word by word
    workbook         part, formulas, outside_links
    pages            path, html

Here belongs how they are read; what must hold of them is in `expectations/files.py`.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import polars as pl

from orchestration.publishing.marts import WAREHOUSE, written_marts
from orchestration.warehouse import quoted

CSV_FILES = {
    "target_accounts": "target_accounts.csv",
    "target_contacts": "target_contacts.csv",
    "changes": "changes.csv",
    "qualified_out": "qualified_out.csv",
    "pipeline_review": "pipeline_review.csv",
    "import_accounts": "import/accounts.csv",
    "import_contacts": "import/contacts.csv",
    "import_rejects": "import/rejects.csv",
}
WORKBOOK = "target_accounts.xlsx"
# Written after the gate has looked, since they tell of it.
OF_THE_GATE = ("gate.html", "manifest.json")
# Its rows bear the week and id of the list they were once on.
_OWN_STAMPS = "list_history"
_WORD = re.compile(r"[\w.@+:%-]+")
_FORMULA = re.compile(r"<(?:\w+:)?f[\s>/]")


def read_back(connection: duckdb.DuckDBPyConnection, folder: Path, home: Path) -> None:
    """Make the schema `files` anew over a version's folder below the home.

    `connection` is the warehouse, which the marts were built in, opened with the home as its
    search path.
    """
    connection.execute("drop schema if exists files cascade")
    connection.execute("create schema files")
    _read_inventory(connection, folder)
    for name, file in CSV_FILES.items():
        path = quoted(str((folder / file).relative_to(home)))
        connection.execute(
            f"create view files.{name} as from read_csv({path}, all_varchar = true, "
            "header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '')"
        )
    _read_marts(connection, folder)
    _read_stamps(connection, folder, home)
    _read_pages(connection, folder)
    _read_workbook(connection, folder)
    _read_words(connection, folder)


def _read_inventory(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute("create table files.inventory (path varchar, bytes bigint)")
    found = [
        [path.relative_to(folder).as_posix(), path.stat().st_size]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() not in OF_THE_GATE
    ]
    _insert(connection, "files.inventory", found)


def _read_marts(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Row counts of the three forms of each mart; `meta` exists in the published two alone."""
    connection.execute(f"attach {quoted(str(folder / 'marts.duckdb'))} as published (read_only)")
    built = _counts(connection, WAREHOUSE, "marts")
    shown = _counts(connection, "published", "main")
    connection.execute("create table files.meta as from published.meta")
    connection.execute("detach published")
    parquet = {path.stem: _rows(connection, path) for path in (folder / "marts").glob("*.parquet")}
    built["meta"] = 1
    connection.execute(
        "create table files.marts "
        "(mart varchar, rows bigint, parquet_rows bigint, built_rows bigint)"
    )
    names = sorted(built.keys() | shown.keys() | parquet.keys())
    counted = [[n, shown.get(n), parquet.get(n), built.get(n)] for n in names]
    _insert(connection, "files.marts", counted)


def _counts(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> dict[str, int]:
    return {
        mart: _count(connection, f'"{database}"."{schema}"."{mart}"')
        for mart in written_marts(connection, database, schema)
    }


def _rows(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    return _count(connection, f"read_parquet({quoted(str(path))})")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0


def _read_stamps(connection: duckdb.DuckDBPyConnection, folder: Path, home: Path) -> None:
    marts = [
        path for path in sorted((folder / "marts").glob("*.parquet")) if path.stem != _OWN_STAMPS
    ]
    read = [
        f"select {quoted(path.relative_to(folder).as_posix())} as path, "
        "cast(list_week as varchar) as list_week, publish_id "
        f"from read_parquet({quoted(str(path.relative_to(home)))})"
        for path in marts
    ]
    for name, file in CSV_FILES.items():
        columns = _columns(connection, name)
        if "list_week" in columns:
            publish_id = "publish_id" if "publish_id" in columns else "null"
            read.append(f"select {quoted(file)}, list_week, {publish_id} from files.{name}")
    read.append("select 'marts.duckdb', cast(list_week as varchar), publish_id from files.meta")
    connection.execute(f"create view files.stamps as {' union all '.join(read)}")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe files.{table}").fetchall()]


def _read_pages(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute("create table files.pages (path varchar, html varchar)")
    pages = [[path.name, path.read_text(encoding="utf-8")] for path in _pages(folder)]
    _insert(connection, "files.pages", pages)


def _pages(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.html") if path.name not in OF_THE_GATE)


def _read_workbook(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute(
        "create table files.workbook (part varchar, formulas bigint, outside_links bigint)"
    )
    parts = [
        [name, len(_FORMULA.findall(text)), int("externalLink" in name)]
        for name, text in _parts(folder / WORKBOOK)
    ]
    _insert(connection, "files.workbook", parts)


def _parts(workbook: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(workbook) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                yield name, archive.read(name).decode()


def _read_words(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute("create table files.words (path varchar, word varchar)")
    words = {(page.name, word) for page in _pages(folder) for word in _words(page.read_text())}
    words |= {(WORKBOOK, word) for _, text in _parts(folder / WORKBOOK) for word in _words(text)}
    _insert(connection, "files.words", sorted(words))


def _words(markup: str) -> set[str]:
    return set(_WORD.findall(html.unescape(markup)))


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]
) -> None:
    if rows:
        frame = pl.DataFrame(rows, orient="row", infer_schema_length=None)
        connection.register("read_rows", frame)
        connection.execute(f"insert into {table} from read_rows")
        connection.unregister("read_rows")
