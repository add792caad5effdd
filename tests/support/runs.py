"""Running `prospects` as its user does, and reading what a run published.

In this process where one run is enough, so that imports are paid once; in a process of its own
where the test is about processes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from ingest.settings import PROJECT, Settings

TEXT_FILES = {".csv", ".html", ".json"}


@dataclass(frozen=True)
class Ending:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def prospects(settings: Settings, *arguments: object) -> Ending:
    """Run a command in this process, with the environment that these settings stand for."""
    from orchestration.cli import main

    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in environment(settings).items():
            patch.setenv(name, value)
        # Set by a run for dbt; to be as it was when the run is over.
        patch.delenv("PROSPECT_WAREHOUSE", raising=False)
        patch.setattr(sys, "argv", ["prospects", *map(str, arguments)])
        code = _exit_code(main)
    return Ending(code, out.getvalue(), err.getvalue())


def start_prospects(
    settings: Settings, *arguments: object, **further: str
) -> subprocess.Popen[str]:
    """Start a command in a process of its own, the leader of a group as in a shell, with further
    environment variables."""
    return subprocess.Popen(
        [Path(sys.executable).with_name("prospects"), *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, **environment(settings), **further},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        process_group=0,
    )


def environment(settings: Settings) -> dict[str, str]:
    """The variables that these settings are read from."""
    return {
        "PROSPECT_HOME": str(settings.home),
        "PROSPECT_SOURCES": str(settings.sources),
        "PERFECT_CUSTOMER": str(settings.perfect_customer),
        "PROSPECT_FIRST_WEEK": str(settings.first_week),
        "DAGSTER_HOME": str(settings.dagster),
        "PROSPECT_MEMORY_LIMIT": settings.memory_limit
        or os.environ.get("PROSPECT_MEMORY_LIMIT", ""),
    }


def _exit_code(main: Any) -> int:
    try:
        main()
    except SystemExit as ending:
        return int(ending.code or 0)
    return 0


@dataclass(frozen=True)
class Publication:
    """What is published of one week."""

    settings: Settings
    week: date

    @property
    def folder(self) -> Path:
        """The version that the week's link names."""
        return (self.settings.published / f"{self.week}").resolve()

    @property
    def publish_id(self) -> str:
        """The name of that version."""
        return self.folder.name

    def ask(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of a query on the published marts, one dict per row."""
        with self.marts() as marts:
            cursor = marts.execute(query, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def values(self, query: str) -> list[Any]:
        """The first column of a query on the published marts."""
        return [next(iter(row.values())) for row in self.ask(query)]

    @contextmanager
    def marts(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The published marts, as BI opens them."""
        with duckdb.connect(str(self.folder / "marts.duckdb"), read_only=True) as connection:
            yield connection

    def manifest(self) -> dict[str, Any]:
        """What the version says of its making."""
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))

    def csv(self, name: str) -> pl.DataFrame:
        """A published CSV file, every cell as text."""
        return pl.read_csv(self.folder / name, infer_schema=False)

    def text(self) -> dict[str, str]:
        """Everything that the files of the version say, in lower case; compressed ones unpacked."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.folder)): _said(path.resolve(), path.stat().st_mtime_ns)
            for path in files
        }


@cache
def _said(path: Path, _changed: int) -> str:
    """What a file says, read once for as long as nobody changes it."""
    return _text(path).lower()


def _text(path: Path) -> str:
    if path.suffix in TEXT_FILES:
        return path.read_text(encoding="utf-8-sig")
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return "\n".join(book.read(name).decode() for name in book.namelist())
    if path.suffix == ".parquet":
        return _dumped(f"from read_parquet('{path}')", None)
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("select table_name from information_schema.tables").fetchall()
    return "\n".join(_dumped(f'from "{table}"', path) for (table,) in tables)


def _dumped(query: str, database: Path | None) -> str:
    with duckdb.connect(str(database or ":memory:"), read_only=database is not None) as connection:
        rows = connection.execute(query).fetchall()
    return "\n".join(map(str, rows))


def fingerprint(folder: Path) -> dict[str, str]:
    """What each path below a folder is: the target of a link, or the hash of a file's bytes."""
    return {
        str(path.relative_to(folder)): f"-> {path.readlink()}"
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
