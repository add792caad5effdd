"""The manifest: what a version is made of, and how to prove that a file is the one published."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import duckdb

from expectations.results import GateResults
from orchestration.publishing.edition import Edition
from orchestration.publishing.files import write_text
from orchestration.publishing.marts import opened


def write_manifest(folder: Path, edition: Edition, gate: GateResults) -> None:
    """Describe the folder as it now is; so this comes after every other file."""
    with opened(folder / "marts.duckdb", edition.database_config) as marts:
        content = {
            **edition.facts,
            **_meta(marts),
            "rows": _row_counts(marts),
            "files": _files(folder),
            "gate": [asdict(finding) for finding in gate.findings],
        }
    text = json.dumps(content, indent=2, sort_keys=True, default=str, ensure_ascii=False)
    write_text(folder / "manifest.json", f"{text}\n")


def _meta(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    cursor = connection.execute("select * from meta")
    names = [column[0] for column in cursor.description or ()]
    return dict(zip(names, cursor.fetchone() or (), strict=True))


def _row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    tables = connection.execute(
        "select table_name from duckdb_tables() where table_name <> 'meta' order by table_name"
    ).fetchall()
    return {name: _count(connection, name) for (name,) in tables}


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f'select count(*) from "{table}"').fetchone()
    return int(row[0]) if row else 0


def _files(folder: Path) -> dict[str, dict[str, object]]:
    return {
        path.relative_to(folder).as_posix(): {
            "sha256": _sha256(path),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
