"""The macros of names as SQL that stands by itself, for tests that measure them on their own."""

import os
from collections.abc import Mapping
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from ingest.settings import PROJECT

DBT_PROJECT = str(PROJECT / "dbt_project")
SEEDS = ("legal_forms", "weak_name_words")
# Of a column `name` and, all but the first, of a column `name_key`.
EXPRESSIONS = {
    "name_key": "name_key('name')",
    "sorted": "name_sorted('name_key')",
    "squashed": "name_squashed('name_key')",
    "structure_core": "name_core('name_key', ['structure'])",
    "trade_core": "name_core('name_key')",
    "field_core": "name_core('name_key', ['structure', 'trade', 'field'])",
    "fronts": "name_fronts('name_key')",
}


def compiled_expressions(home: Path) -> Mapping[str, str]:
    """The SQL of each expression, compiled by dbt on a warehouse that has the seeds only."""
    before = {name: os.environ.get(name) for name in ("PROSPECT_HOME", "PROSPECT_WAREHOUSE")}
    os.environ["PROSPECT_HOME"] = str(home)
    os.environ["PROSPECT_WAREHOUSE"] = str(home / "warehouse.duckdb")
    (home / "warehouse").mkdir()
    text = " @@ ".join(f"{{{{ {macro} }}}}" for macro in EXPRESSIONS.values())
    try:
        _dbt(home, "seed", "--select", *SEEDS)
        compiled = _dbt(home, "compile", "--inline", text)[0].node.compiled_code
    finally:
        DuckDBConnectionManager.close_all_connections()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return dict(zip(EXPRESSIONS, compiled.split(" @@ "), strict=True))


def _dbt(home: Path, *arguments: str) -> list[object]:
    folders = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT]
    quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
    result = dbtRunner().invoke([*arguments, *folders, *quiet, "--target-path", str(home)])
    assert result.success, result.exception
    found: list[object] = result.result.results
    return found


def with_keys(
    connection: duckdb.DuckDBPyConnection, expressions: Mapping[str, str], table: str
) -> None:
    """Give a table with a column `name` all keys of its names."""
    keys = ", ".join(f"{sql} as {key}" for key, sql in expressions.items() if key != "name_key")
    connection.execute(
        f"create or replace table {table} as "
        f"with named as (select *, {expressions['name_key']} as name_key from {table}) "
        f"select *, {keys} from named"
    )
