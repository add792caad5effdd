"""The marts as one DuckDB file and as Parquet, for BI and for everything else published here.

The file is built first; all other published files are made from it, so they can't contradict it.
Views are carried over with their names unqualified, since the warehouse isn't there for readers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from ingest.errors import ProspectError
from orchestration.publishing.edition import Edition

STORAGE_VERSION = "v1.0.0"
"""Any DuckDB from 1.0 on reads it; BI drivers lag behind the engine."""

GRAINS = {
    "account_scores": ("account_id",),
    "accounts": ("account_id",),
    "account_sources": ("account_id", "source", "source_company_id"),
    "contacts": ("contact_id", "account_id"),
    "signals": ("signal_id", "account_id"),
    "criteria": ("position", "criterion_id"),
    "target_accounts": ("rank", "account_id"),
    "target_account_reasons": ("account_id", "leg", "points", "reason_id", "evidence"),
    "target_contacts": ("rank", "account_id", "contact_id", "role_id"),
    "target_account_changes": ("rank", "previous_rank", "account_id"),
    "qualified_out": ("account_id", "reason_id"),
    "source_batches": ("source", "table_name", "batch_id"),
    "list_history": ("list_week", "rank", "account_id"),
    "meta": ("publish_id",),
}
"""The order in which each mart is written; a mart not named here is ordered by all its columns."""


def write_database(target: Path, edition: Edition) -> None:
    """Copy every mart of the warehouse into a new file, with its views and a `meta` row."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(str(edition.warehouse))} as warehouse (read_only)")
        connection.execute(
            f"attach {quoted(str(target))} as published (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute("use published")
        for table in _tables(connection, "warehouse", "marts"):
            connection.execute(
                f'create table "{table}" as select * from warehouse.marts."{table}" '
                f"order by {_order(table)}"
            )
        for name, query in _views(connection):
            connection.execute(f'create view "{name}" as {query}')
        _write_meta(connection, edition)
        connection.execute("checkpoint published")
        connection.execute("use memory")
        connection.execute("detach published")


def write_parquet(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Write each table of the marts file as one Parquet file, ordered by its grain.

    Views stay in the DuckDB file: in millions of rows they would be most of the folder.
    """
    folder.mkdir()
    for table in _tables(connection, "marts", "main"):
        copy_query(
            connection,
            f'select * from "{table}" order by {_order(table)}',
            folder / f"{table}.parquet",
        )


def copy_query(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the rows of an ordered query as Parquet, the same bytes for the same rows."""
    connection.execute(
        f"copy ({query}) to {quoted(str(path))} "
        "(format parquet, compression zstd, row_group_size 122880)"
    )


def mart_tables(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of the tables that a warehouse's marts become: its own, and `meta`."""
    tables = warehouse.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts'"
    ).fetchall()
    return sorted(["meta", *(name for (name,) in tables)])


@contextmanager
def opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published marts file, opened as any reader should: read-only, and closed afterwards."""
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def quoted(text: str) -> str:
    """The text as an SQL literal, where DuckDB takes no parameters."""
    return "'" + text.replace("'", "''") + "'"


def _tables(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ? "
        "order by table_name",
        [database, schema],
    ).fetchall()
    return [name for (name,) in rows]


def _order(table: str) -> str:
    columns = GRAINS.get(table)
    return ", ".join(f"{column} nulls last" for column in columns) if columns else "all nulls last"


def _views(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """The views of the marts as (name, query without database and schema), oldest first."""
    views = connection.execute(
        "select view_name, sql from duckdb_views() where database_name = 'warehouse' "
        "and schema_name = 'marts' order by view_oid"
    ).fetchall()
    return [(name, _unqualified(connection, name, sql)) for name, sql in views]


def _unqualified(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> str:
    query = re.split(r"\sAS\s", sql, maxsplit=1)[1].rstrip().rstrip(";")
    tree = json.loads(_one(connection, "select json_serialize_sql(?)", query))
    for table in _base_tables(tree):
        if table["schema_name"] not in ("marts", ""):
            found = f"{table['schema_name']}.{table['table_name']}"
            raise ProspectError(
                f"the view {name} reads {found}, which isn't published; let it read marts only"
            )
        table["catalog_name"] = table["schema_name"] = ""
    return _one(connection, "select json_deserialize_sql(?)", json.dumps(tree))


def _base_tables(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _base_tables(child)


def _write_meta(connection: duckdb.DuckDBPyConnection, edition: Edition) -> None:
    connection.execute(
        """
        create table meta as select
            ?::date as list_week,
            ?::varchar as publish_id,
            (select max(version) from criteria) as document_version,
            (select max(previous_week) from target_account_changes) as compared_with_week,
            coalesce((select bool_or(is_made_up) from source_batches), false) as is_made_up
        """,
        [edition.list_week, edition.publish_id],
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str, argument: str) -> str:
    row = connection.execute(query, [argument]).fetchone()
    if row is None:
        raise ProspectError(f"DuckDB gave no row for: {query}")
    return str(row[0])
