"""What outcomes say of the document: the asset between the models that judge them and the marts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg

from ingest.settings import Settings
from orchestration.evidence.charts import pictures
from orchestration.evidence.figures import evidence_figures
from orchestration.evidence.tables import FIGURES, write_figures
from orchestration.inputs import read_inputs
from orchestration.labels import owners_of, tags_of
from orchestration.warehouse import connect

DESCRIPTIONS = {
    "criterion_figures": "One row per row of the document: what deals and verdicts say of it.",
    "family_figures": "One row per family of factors: what it adds to telling won from lost deals.",
    "ranking_figures": "One row per ranking: how well it tells won from lost deals.",
}


def evidence_assets(settings: Settings, weeks: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The tables of the schema `evidence`, in one step."""
    specs = [
        dg.AssetSpec(
            ["evidence", table],
            deps=[
                dg.AssetKey(["evidence", "int_outcomes_judged"]),
                dg.AssetKey(["evidence", "int_outcomes_described"]),
            ],
            group_name="evidence",
            description=DESCRIPTIONS[table],
            kinds={"polars"},
            owners=owners_of("evidence"),
            tags=tags_of("evidence", table),
        )
        for table in FIGURES
    ]

    @dg.multi_asset(
        name="evidence",
        specs=specs,
        # Back-filled as the raw views are; all tables are made all the same.
        can_subset=True,
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def evidence(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        week = date.fromisoformat(context.partition_key)
        inputs = read_inputs(settings, week)
        with connect(settings, week) as warehouse:
            figures = evidence_figures(warehouse, inputs.criteria, inputs.ranking)
            write_figures(warehouse, figures)
        for spec in specs:
            if spec.key in context.selected_asset_keys:
                table = spec.key.path[-1]
                yield dg.MaterializeResult(
                    asset_key=spec.key, metadata=_metadata(table, figures[table])
                )

    return evidence


def _metadata(table: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, dg.MetadataValue]:
    """The rows, pictures of them, and what is worth a plot over the weeks: verdicts counted, AUCs
    by their names."""
    numbers: dict[str, float | None] = {}
    if table == "criterion_figures":
        counted = Counter(row["verdict"] for row in rows)
        numbers = {f"verdict/{verdict}": float(count) for verdict, count in counted.items()}
    elif table == "family_figures":
        numbers = {f"auc_added/{row['family']}": row["auc_added"] for row in rows}
    else:
        numbers = {f"auc/{row['ranking']}": row["auc"] for row in rows}
    known = {name: value for name, value in numbers.items() if value is not None and value == value}
    return (
        {"dagster/row_count": dg.MetadataValue.int(len(rows))}
        | {name: dg.MetadataValue.float(value) for name, value in known.items()}
        | {name: dg.MetadataValue.md(each.markdown) for name, each in pictures(table, rows).items()}
    )
