"""What tables and columns of a marts file hold, as comments, which BI tools show beside them.

What belongs here: writing and reading the comments. What doesn't: the words, which are the dbt
project's (`models/marts/_marts.yml`) and, of `meta`, those of `marts.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import duckdb

from orchestration.publishing.edition import Description
from orchestration.warehouse import quoted


def write_comments(
    connection: duckdb.DuckDBPyConnection, descriptions: Mapping[str, Description]
) -> None:
    """Comment on the tables, views and columns of the database in use that are described."""
    kinds = connection.execute(
        "select table_name, if(table_type = 'VIEW', 'view', 'table') "
        "from information_schema.tables where table_catalog = current_database()"
    ).fetchall()
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and not internal"
    ).fetchall()
    statements = [
        f'comment on {kind} "{name}" is {quoted(descriptions[name].mart)}'
        for name, kind in kinds
        if name in descriptions
    ]
    statements += [
        f'comment on column "{name}"."{column}" is {quoted(descriptions[name].columns[column])}'
        for name, column in columns
        if name in descriptions and column in descriptions[name].columns
    ]
    if statements:
        connection.execute(";".join(statements))


def read_comments(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, Description]:
    """What the tables, views and columns of an attached database are described as."""
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for name, column, comment in connection.execute(
        "select table_name, column_name, comment from duckdb_columns() "
        "where database_name = ? and comment is not null",
        [database],
    ).fetchall():
        columns[name][column] = comment
    marts = connection.execute(
        "select table_name, comment from duckdb_tables() "
        "where database_name = $1 and comment is not null union all "
        "select view_name, comment from duckdb_views() "
        "where database_name = $1 and comment is not null",
        [database],
    ).fetchall()
    return {name: Description(comment, columns[name]) for name, comment in marts}
