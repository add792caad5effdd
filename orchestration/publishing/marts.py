"""The marts as one DuckDB file and as Parquet, for BI and for everything else published here.

The file is built first; all other published files are made from it, so they can't contradict it.
What is a view in the warehouse is written down here, once. VIEWS stay views, with their names
unqualified, since the warehouse isn't there for readers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from ingest.errors import ProspectError
from orchestration.publishing.comments import write_comments
from orchestration.publishing.edition import Description, Edition
from orchestration.warehouse import quoted

STORAGE_VERSION = "v1.0.0"
"""Any DuckDB from 1.0 on reads it; BI drivers lag behind the engine."""

PARQUET = (
    "format parquet, compression zstd, compression_level 1, row_group_size 122880, "
    "dictionary_size_limit 1000"
)
"""Ids and names, of which each row has its own, take time to look up in a dictionary and no less
room for it; nor do higher levels of compression."""

WAREHOUSE = "warehouse"
"""The name by which the file that the marts are built in is known in SQL: its stem."""

VIEWS = ("account_reasons",)
"""The marts that stay views: in millions of rows they would be most of what is published."""

GRAINS = {
    "signals": ("signal_id",),
    "contacts": ("contact_id",),
    "accounts": ("account_id",),
    "account_scores": ("account_id",),
    "account_contradictions": ("account_id", "attribute", "other_value_source"),
    "account_sources": ("account_id", "source", "source_company_id"),
    "criteria": ("position", "criterion_id"),
    "criterion_evidence": ("position", "criterion_id"),
    "family_evidence": ("family",),
    "ranking_backtest": ("ranking",),
    "target_accounts": ("rank", "account_id"),
    "target_account_reasons": ("account_id", "leg", "points", "reason_id", "evidence"),
    "target_contacts": ("rank", "account_id", "contact_id", "role_id"),
    "target_account_changes": ("rank", "previous_rank", "account_id"),
    "qualified_out": ("account_id", "reason_id"),
    "pipeline_review": ("deal_id",),
    "owner_profiles": ("owner_id",),
    "source_batches": ("source", "table_name", "batch_id"),
    "list_history": ("list_week", "rank", "account_id"),
    "account_id_changes": ("changed_week", "account_id", "became_account_id"),
    "uncertain_matches": ("match_weight", "left_record_id", "right_record_id"),
    "meta": ("publish_id",),
}
"""The order of each mart's rows; a mart not named here is ordered by all its columns. Those with
the most to write come first, so that none is left to end alone."""

OWN_TEXTS = frozenset(
    {
        "account_id",
        "contact_id",
        "domain",
        "email",
        "full_name",
        "name",
        "profile_url",
        "signal_id",
        "source_company_id",
        "source_contact_id",
        "ultimate_parent_account_id",
        "website",
    }
)
"""Columns of which most rows have a text of their own. Left to choose, DuckDB would look each up in
a dictionary twice, to take FSST in the end; that takes half of the time to write such a column."""

META = Description(
    "One row: which list this is, and what it was compared with.",
    {
        "list_week": "Monday of the week that the list is for.",
        "publish_id": "Version that the rows belong to.",
        "document_version": "Version of perfect_customer.yml.",
        "compared_with_week": "Monday of the list that changes refer to; null if there is none.",
        "compared_document_version": (
            "Version of perfect_customer.yml by which that list was made, where it was another one."
        ),
        "is_made_up": "Whether any of the data is made up.",
    },
)

_WRITERS = 2


def write_database(target: Path, edition: Edition) -> None:
    """Write every mart of the warehouse into a new file, with its views, a `meta` row, and what
    each of them holds as comments."""
    with duckdb.connect(config=dict(edition.database_config)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {quoted(str(edition.warehouse))} as warehouse (read_only)")
        connection.execute(
            f"attach {quoted(str(target))} as published (storage_version '{STORAGE_VERSION}')"
        )
        tables = written_marts(connection, WAREHOUSE, "marts")
        for table in tables:
            connection.execute(f'create table published."{table}" ({_columns(connection, table)})')
        _side_by_side(
            connection,
            [
                f'insert into published."{table}" select * from warehouse.marts."{table}" '
                f"order by {_order(table)}"
                for table in tables
            ],
        )
        connection.execute("use published")
        for name in VIEWS:
            query = _unqualified(connection, name)
            connection.execute(f'create view "{name}" as {query}')
        _write_meta(connection, edition)
        write_comments(connection, {**edition.descriptions, "meta": META})
        connection.execute("checkpoint published")
        connection.execute("use memory")
        connection.execute("detach published")


def write_parquet(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Write each table of the marts file as one Parquet file, in the order of its rows there."""
    folder.mkdir()
    _side_by_side(
        connection,
        [
            _copy(f'from "{table}"', folder / f"{table}.parquet")
            for table in written_marts(connection, "marts", "main")
        ],
    )


def copy_query(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the rows of an ordered query as Parquet, the same bytes for the same rows."""
    connection.execute(_copy(query, path))


def mart_tables(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of the tables that a warehouse's marts become, the largest first, and `meta`."""
    return [*written_marts(warehouse, WAREHOUSE, "marts"), "meta"]


def written_marts(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[str]:
    """The marts in a schema that are written down when published, those with most rows first."""
    rows = connection.execute(
        "select table_name from information_schema.tables "
        "where table_catalog = ? and table_schema = ?",
        [database, schema],
    ).fetchall()
    rank = {name: place for place, name in enumerate(GRAINS)}
    names = (name for (name,) in rows if name not in VIEWS)
    return sorted(names, key=lambda name: (rank.get(name, len(rank)), name))


@contextmanager
def opened(
    database: Path, config: Mapping[str, str] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published marts file, opened as any reader should: read-only, and closed afterwards.

    `config` is for who reads all of it: how much memory that may take, and where the rest goes.
    """
    with duckdb.connect(str(database), read_only=True, config=dict(config or {})) as connection:
        yield connection


def _side_by_side(connection: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    """Run statements that don't need each other two at a time: one alone compresses what it writes
    on one thread for a good part of its time."""
    cursors = [connection.cursor() for _ in statements]
    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(lambda cursor, statement: cursor.execute(statement), cursors, statements))


def _copy(query: str, path: Path) -> str:
    return f"copy ({query}) to {quoted(str(path))} ({PARQUET})"


def _order(table: str) -> str:
    columns = GRAINS.get(table)
    return ", ".join(f"{column} nulls last" for column in columns) if columns else "all nulls last"


def _columns(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    """The columns that a table needs to hold the rows of one of the warehouse's marts."""
    described = connection.execute(f'describe warehouse.marts."{mart}"').fetchall()
    return ", ".join(
        f'"{name}" {kind}{" using compression fsst" if name in OWN_TEXTS else ""}'
        for name, kind, *_ in described
    )


def _unqualified(connection: duckdb.DuckDBPyConnection, view: str) -> str:
    """The query of one of the warehouse's views, without database and schema."""
    sql = _one(
        connection,
        "select sql from duckdb_views() where database_name = 'warehouse' "
        "and schema_name = 'marts' and view_name = ?",
        view,
    )
    query = re.split(r"\sAS\s", sql, maxsplit=1)[1].rstrip().rstrip(";")
    tree = json.loads(_one(connection, "select json_serialize_sql(?)", query))
    for table in _base_tables(tree):
        if table["schema_name"] not in ("marts", ""):
            found = f"{table['schema_name']}.{table['table_name']}"
            raise ProspectError(
                f"the view {view} reads {found}, which isn't published; let it read marts only"
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
    """One row: the list, the document, what it is compared with, and by which document that was
    made where it was another one."""
    connection.execute(
        """
        create table meta as
        with documents as (
            select unnest(?::date[]) as week, unnest(?::bigint[]) as version
        ),

        compared as (
            select max(previous_week) as week from target_account_changes
        )

        select
            ?::date as list_week,
            ?::varchar as publish_id,
            (select max(version) from criteria) as document_version,
            (select week from compared) as compared_with_week,
            (select version from documents join compared using (week))
                as compared_document_version,
            coalesce((select bool_or(is_made_up) from source_batches), false) as is_made_up
        """,
        [
            list(edition.other_documents),
            list(edition.other_documents.values()),
            edition.list_week,
            edition.publish_id,
        ],
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str, argument: str) -> str:
    row = connection.execute(query, [argument]).fetchone()
    if row is None:
        raise ProspectError(f"DuckDB gave no row for: {query}")
    return str(row[0])
