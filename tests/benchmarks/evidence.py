"""The evidence of a week that was built, made again with so many closed deals, and what it took.

    python -m tests.benchmarks.evidence FOLDER WEEK

Works on a copy of the week's warehouse. Prints a line of JSON: the deals and accounts, and the
seconds of the models before the figures, of the figures with their pictures, of the marts after
them, and of all.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import date
from pathlib import Path

import duckdb

from orchestration.assets.warehouse import AFTER_EVIDENCE
from orchestration.dbt import build, prepare_manifest
from orchestration.evidence.charts import pictures
from orchestration.evidence.figures import evidence_figures
from orchestration.evidence.tables import write_figures
from orchestration.inputs import read_inputs
from orchestration.warehouse import FILE_NAME, database_config, warehouse_file
from tests.benchmarks.weekly import settings_of

DEALS = 5_000
OF_OUTCOMES = "path:models/intermediate/evidence"
UNTESTED = ("--resource-type", "model", "--select")


def main(folder: Path, week: date) -> None:
    """Make the evidence and print what it took."""
    settings = settings_of(folder)
    inputs = read_inputs(settings, week)
    database = folder / "evidence" / FILE_NAME
    database.parent.mkdir(exist_ok=True)
    shutil.copyfile(warehouse_file(settings, week), database)
    config = dict(database_config(settings))
    with duckdb.connect(str(database), config=config) as warehouse:
        # In the place of the view, which has all deals.
        warehouse.execute(
            "create table intermediate.chosen as from intermediate.int_deals_attributed "
            f"where outcome <> 'open' order by md5(deal_id) limit {DEALS}"
        )
        warehouse.execute("drop view intermediate.int_deals_attributed")
        warehouse.execute("alter table intermediate.chosen rename to int_deals_attributed")
    prepare_manifest()
    began = time.perf_counter()
    build(settings, database, inputs.dbt_vars, [*UNTESTED, OF_OUTCOMES])
    judged = time.perf_counter()
    with duckdb.connect(str(database), config=config) as warehouse:
        figures = evidence_figures(warehouse, inputs.criteria, inputs.ranking)
        write_figures(warehouse, figures)
        for table, rows in figures.items():
            pictures(table, rows)
        counted = warehouse.execute(
            "select (select count(*) from intermediate.int_outcomes_judged where kind = 'deal'), "
            "(select count(*) from marts.accounts)"
        ).fetchone()
    found = time.perf_counter()
    build(settings, database, inputs.dbt_vars, [*UNTESTED, AFTER_EVIDENCE])
    ended = time.perf_counter()
    deals, accounts = counted or (0, 0)
    took = {"models": judged - began, "figures": found - judged, "marts": ended - found}
    took["all"] = ended - began
    rounded = {name: round(seconds, 2) for name, seconds in took.items()}
    print(json.dumps({"deals": deals, "accounts": accounts, "seconds": rounded}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), date.fromisoformat(sys.argv[2]))
