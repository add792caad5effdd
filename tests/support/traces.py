"""Where under a folder something is still said: in any file, as its bytes are and unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb


def traces(folder: Path, *words: str) -> dict[str, set[str]]:
    """The files, links not followed, that say one of the words in any case, and which they say."""
    wanted = {word.lower() for word in words}
    # Making a connection takes longer than reading a file.
    with duckdb.connect() as reader:
        found = {
            path.relative_to(folder).as_posix(): {
                w for t in _texts(path, reader) for w in wanted if w in t
            }
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }
    return {path: said for path, said in found.items() if said}


def _texts(path: Path, reader: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield path.read_bytes().decode(errors="ignore").lower()
    if path.suffix == ".parquet":
        yield from _rows(reader, f"read_parquet('{path}')")
    elif path.suffix == ".duckdb":
        reader.execute(f"attach '{path}' as looked_at (read_only)")
        yield from _tables(reader)
        reader.execute("detach looked_at")
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode(errors="ignore").lower()


def _tables(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Stored rows only: what a view shows is in them, or in a file of its own."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'looked_at'"
    ).fetchall()
    for schema, table in tables:
        yield from _rows(connection, f'looked_at."{schema}"."{table}"')


def _rows(connection: duckdb.DuckDBPyConnection, relation: str) -> Iterator[str]:
    yield from (f"{row}".lower() for row in connection.execute(f"from {relation}").fetchall())
