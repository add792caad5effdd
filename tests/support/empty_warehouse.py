"""A week's warehouse with typed, empty raw views: what docs, lint and unit tests of dbt need."""

from datetime import date

from ingest.settings import Settings
from ingest.tables import TABLES, duckdb_columns
from orchestration.evidence.tables import write_figures
from orchestration.identity.tables import IDENTITY_COLUMNS
from orchestration.inputs import NEWEST_TABLES
from orchestration.warehouse import (
    HISTORY_COLUMNS,
    connect,
    create_batches_table,
    create_raw_view,
)

WEEK = date(2026, 11, 23)


def build_empty_warehouse(settings: Settings) -> None:
    """Everything that dbt's sources name, without a row."""
    columns = {name: duckdb_columns(table) for name, table in TABLES.items()}
    columns |= {f"latest_{name}": columns[name] for name in NEWEST_TABLES}
    columns |= HISTORY_COLUMNS
    with connect(settings, WEEK) as connection:
        for name, types in columns.items():
            create_raw_view(connection, name, types, [], settings.home)
        create_batches_table(connection, [])
        connection.execute("CREATE SCHEMA identity")
        for table, types in IDENTITY_COLUMNS.items():
            typed = ", ".join(f"{name} {kind}" for name, kind in types.items())
            connection.execute(f"CREATE TABLE identity.{table} ({typed})")
        write_figures(connection, {})
