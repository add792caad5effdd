"""The input tables are one contract for Polars, Parquet and DuckDB."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.tables import TABLES, Table, duckdb_columns, empty_frame

ALL = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@ALL
def test_every_column_says_what_it_holds(table: Table) -> None:
    """No column without a description, no table without a sentence and a grain."""
    undescribed = [n for n, c in table.schema.columns().items() if not c.description]

    assert undescribed == []
    assert table.doc
    assert table.grain.startswith("source, ")


@ALL
def test_the_key_consists_of_columns(table: Table) -> None:
    """A grain that names no column could not be held."""
    assert set(table.key) <= set(table.columns)


@ALL
def test_an_empty_file_has_the_types_that_duckdb_is_told(table: Table, tmp_path: Path) -> None:
    """A table without a batch looks to the warehouse as one with a batch does."""
    empty_frame(table).write_parquet(tmp_path / "data.parquet")

    described = duckdb.sql(f"describe from '{tmp_path}/data.parquet'").fetchall()

    assert {name: dtype for name, dtype, *_ in described} == duckdb_columns(table)


@ALL
def test_column_names_follow_the_grammar(table: Table) -> None:
    """Times end in _at, days in _date, flags start with is_."""
    for name, dtype in table.columns.items():
        assert (dtype == pl.Datetime("us", "UTC")) == name.endswith("_at")
        assert (dtype == pl.Date) == name.endswith("_date")
        assert (dtype == pl.Boolean) == name.startswith("is_")


def test_attributes_become_a_map_in_duckdb(tmp_path: Path) -> None:
    """The list of keys and values is what map_from_entries takes."""
    columns = TABLES["companies"].columns
    entries = pl.Series([[{"key": "erp", "value": "none"}]], dtype=columns["attributes"])
    entries.to_frame("attributes").write_parquet(tmp_path / "data.parquet")

    query = f"select map_from_entries(attributes)['erp'] from '{tmp_path}/data.parquet'"

    assert duckdb.sql(query).fetchall() == [("none",)]
