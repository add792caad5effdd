"""dbt on an empty warehouse of its own, with the example document as its criteria."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from ingest.documents.perfect_customer import load_perfect_customer
from ingest.settings import PROJECT, Settings
from orchestration.dbt import parsed_manifest
from orchestration.warehouse import warehouse_file
from tests.support.empty_warehouse import WEEK, build_empty_warehouse

DBT_PROJECT = str(PROJECT / "dbt_project")
SOURCES = ["a", "b"]
"""The sources of the document that dbt is told of, the most trusted first."""


class Dbt:
    """dbt on one warehouse."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings.from_environment({"PROSPECT_HOME": str(home)})
        self.target = home / "target"
        build_empty_warehouse(self.settings)

    def run(self, *arguments: str) -> dbtRunnerResult:
        customer = load_perfect_customer(self.settings.perfect_customer)
        ranking = {**customer.ranking_row(), "version": customer.version}
        dbt_vars = {"criteria": customer.rows(), "ranking": ranking, "source_order": SOURCES}
        folders = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT]
        quiet = ["--log-level", "none", "--log-level-file", "none", "--target-path"]
        try:
            return dbtRunner(manifest=parsed_manifest()).invoke(
                [*arguments, *folders, *quiet, str(self.target), "--vars", json.dumps(dbt_vars)]
            )
        finally:
            DuckDBConnectionManager.close_all_connections()


@contextmanager
def opened_dbt(home: Path) -> Iterator[Dbt]:
    """dbt on an empty warehouse in a home, which dbt finds by the environment until the end."""
    before = {name: os.environ.get(name) for name in ("PROSPECT_HOME", "PROSPECT_WAREHOUSE")}
    dbt = Dbt(home)
    os.environ["PROSPECT_HOME"] = str(home)
    os.environ["PROSPECT_WAREHOUSE"] = str(warehouse_file(dbt.settings, WEEK))
    yield dbt
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


def compiled_models(home: Path, *names: str) -> dict[str, str]:
    """The SQL that each of these models runs, by its name; it names its tables in `warehouse`."""
    with opened_dbt(home) as dbt:
        result = dbt.run("compile", "--select", *names)
    assert result.success, result.exception
    return {each.node.name: each.node.compiled_code for each in result.result.results}
