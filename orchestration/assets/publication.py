"""The gate's verdict on the finished marts, and the files that leave the house."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from expectations.results import GateResults
from ingest.settings import Settings
from orchestration.gate import (
    VERDICT,
    check_results,
    departure_checks,
    judge_departures,
    read_verdict,
)
from orchestration.inputs import read_inputs
from orchestration.publishing.version import publish
from orchestration.warehouse import warehouse_file

GATE = dg.AssetKey(["gate", "verdict"])
MARTS = (
    "accounts", "account_reasons", "account_scores", "account_sources", "contacts", "criteria",
    "list_history", "qualified_out", "signals", "source_batches", "target_account_changes",
    "target_account_reasons", "target_accounts", "target_contacts",
)  # fmt: skip
FILES = {
    "people_files": "target_accounts.csv, target_contacts.csv, changes.csv and qualified_out.csv.",
    "import_files": "Files for CRM and ad platforms under import/.",
    "report": "report.html and gate.html, each one file that needs no network.",
    "marts": "marts.duckdb and marts/*.parquet, for BI.",
}


def publication_assets(
    settings: Settings, weeks: dg.PartitionsDefinition
) -> list[dg.AssetsDefinition]:
    """The gate and the publication."""
    return [_gate_asset(settings, weeks), _published_assets(settings, weeks)]


def _gate_asset(settings: Settings, weeks: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=GATE,
        deps=[dg.AssetKey(["marts", mart]) for mart in MARTS],
        check_specs=departure_checks(settings.first_week, GATE),
        group_name="gate",
        kinds={"greatexpectations"},
        description="What the list must hold before anyone gets it; the publication asks this.",
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def verdict(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        inputs = read_inputs(settings, date.fromisoformat(context.partition_key))
        judgement = judge_departures(settings, inputs)
        judgement.save(VERDICT)
        yield dg.MaterializeResult(asset_key=GATE, metadata=_verdict(judgement.results))
        yield from check_results(judgement, GATE, "departures")

    return verdict


def _published_assets(settings: Settings, weeks: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            ["published", name],
            deps=[GATE],
            group_name="published",
            description=description,
            kinds={"file"},
        )
        for name, description in FILES.items()
    ]

    @dg.multi_asset(
        name="publish",
        specs=specs,
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def publication(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        week = date.fromisoformat(context.partition_key)
        inputs = read_inputs(settings, week)
        folder = publish(
            settings,
            week,
            inputs.publish_id,
            warehouse_file(settings, week),
            read_verdict(settings, week),
            inputs.manifest_facts,
        )
        for spec in specs:
            yield dg.MaterializeResult(
                asset_key=spec.key,
                metadata={
                    "publish_id": inputs.publish_id,
                    "folder": dg.MetadataValue.path(str(folder)),
                },
            )

    return publication


def _verdict(results: GateResults) -> dict[str, bool | int]:
    return {
        "refused": results.refused,
        "checks": len(results.findings),
        "failed": sum(not finding.passed for finding in results.findings),
    }
