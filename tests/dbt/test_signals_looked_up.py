"""Which side of its joins a model of signals keeps in memory."""

from pathlib import Path

import duckdb

from ingest.tables import TABLES, duckdb_columns
from orchestration.warehouse import connect, create_raw_view
from tests.support.built import NO_TESTS
from tests.support.dbt_project import Dbt, opened_dbt
from tests.support.empty_warehouse import WEEK

MODEL = "int_signals_attributed"


def test_signals_are_looked_up_and_never_kept_at_hand(tmp_path: Path) -> None:
    """Their words outgrow the memory, and by its estimates the engine may keep them all the same:
    here there seem to be fewer of them than of what they are looked up in."""
    with opened_dbt(tmp_path) as dbt:
        query, before, after = built(dbt)
        with connect(dbt.settings, WEEK) as warehouse:
            fill(warehouse, tmp_path)
            plans = []
            for statement in ("select 1", before, after):
                warehouse.execute(statement)
                plans.append(str(warehouse.execute(f"explain {query}").fetchall()))

    # A left join that is turned round is a right one.
    assert ["RIGHT" in plan for plan in plans] == [True, False, True]


def built(dbt: Dbt) -> tuple[str, str, str]:
    """Build the model on an empty warehouse: its query, and the hooks before and after it."""
    build = dbt.run("build", *NO_TESTS, "--select", f"+{MODEL}")
    assert build.success, build.exception
    (model,) = (each.node for each in build.result.results if each.node.name == MODEL)
    hooks = ";".join(hook.sql for hook in (*model.config.pre_hook, *model.config.post_hook))
    (compiled,) = dbt.run("compile", "--inline", hooks).result.results
    before, after = compiled.node.compiled_code.split(";")
    return model.compiled_code, before, after


def fill(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Give it a thousand signals, and a hundred times as many records."""
    columns, file = duckdb_columns(TABLES["signals"]), folder / "signals.parquet"
    values = (
        f"cast({'range' if name.endswith('_id') else 'null'} as {kind}) as {name}"
        for name, kind in columns.items()
    )
    warehouse.execute(f"copy (select {', '.join(values)} from range(1000)) to '{file}'")
    create_raw_view(warehouse, "signals", columns, [file], folder)
    warehouse.execute(
        "insert into intermediate.int_records_identified (record_id, account_id) "
        "select range, range from range(100000)"
    )
