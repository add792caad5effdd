"""The gate's verdict on the finished marts, and the files that leave the house."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import dagster as dg

from expectations.results import GateResults
from ingest.settings import Settings
from orchestration.dbt import described_marts
from orchestration.gate import (
    VERDICT,
    acceptances_of,
    check_results,
    departure_checks,
    file_checks,
    judge_departures,
    judge_files,
    read_verdict,
)
from orchestration.inputs import read_inputs
from orchestration.labels import LIST_FRESHNESS, owners_of, tags_of
from orchestration.metadata import list_metadata
from orchestration.publishing.edition import Edition
from orchestration.publishing.gate_page import gate_markdown
from orchestration.publishing.marts import opened
from orchestration.publishing.perfect_customer_page import other_documents
from orchestration.publishing.version import linked_versions, publish
from orchestration.warehouse import publishing_config, warehouse_file

GATE = dg.AssetKey(["gate", "verdict"])
LIST_FILES = dg.AssetKey(["published", "people_files"])
MARTS = (
    "account_contradictions", "account_id_changes", "account_reasons", "account_scores",
    "account_sources", "accounts", "contacts", "criteria", "criterion_evidence",
    "family_evidence", "list_history", "owner_profiles", "pipeline_review", "qualified_out",
    "ranking_backtest", "signals", "source_batches", "target_account_changes",
    "target_account_reasons", "target_accounts", "target_contacts", "uncertain_matches",
)  # fmt: skip
FILES = {
    "people_files": "target_accounts.csv and .xlsx, target_contacts.csv, changes.csv, "
    "qualified_out.csv and pipeline_review.csv.",
    "import_files": "Files for CRM and ad platforms under import/.",
    "report": "report.html, evidence.html, gate.html and perfect_customer.html, each one file "
    "that needs no network.",
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
        check_specs=departure_checks(GATE),
        group_name="gate",
        kinds={"greatexpectations"},
        owners=owners_of("gate"),
        tags=tags_of("gate", "verdict"),
        description="What the list must hold before anyone gets it; the publication asks this.",
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def verdict(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        inputs = read_inputs(settings, date.fromisoformat(context.partition_key))
        judgement = judge_departures(settings, inputs, acceptances_of(context.run.tags))
        judgement.save(VERDICT)
        yield dg.MaterializeResult(asset_key=GATE, metadata=_verdict(judgement.results))
        yield from check_results(judgement.results, GATE, "departures")

    return verdict


def _published_assets(settings: Settings, weeks: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            ["published", name],
            deps=[GATE],
            group_name="published",
            description=description,
            kinds={"file"},
            owners=owners_of("published"),
            tags=tags_of("published", name, has_people=True),
            freshness_policy=LIST_FRESHNESS,
        )
        for name, description in FILES.items()
    ]

    @dg.multi_asset(
        name="publish",
        specs=specs,
        check_specs=file_checks(LIST_FILES),
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def publication(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        week = date.fromisoformat(context.partition_key)
        inputs = read_inputs(settings, week)
        edition = Edition(
            list_week=week,
            publish_id=inputs.publish_id,
            warehouse=warehouse_file(settings, week),
            gate=read_verdict(settings, week),
            facts=inputs.manifest_facts,
            database_config=publishing_config(settings),
            other_documents=other_documents(
                settings.published,
                linked_versions(settings.published),
                inputs.manifest_facts["document"]["sha256"],
            ),
            descriptions=described_marts(),
        )
        published = publish(settings, edition, partial(judge_files, settings))
        with opened(published.folder / "marts.duckdb") as marts:
            numbers = list_metadata(marts)
        for spec in specs:
            yield dg.MaterializeResult(
                asset_key=spec.key,
                metadata={
                    "publish_id": inputs.publish_id,
                    "folder": dg.MetadataValue.path(str(published.folder)),
                    **(numbers if spec.key == LIST_FILES else {}),
                },
            )
        yield from check_results(published.gate, LIST_FILES, "files")

    return publication


def _verdict(results: GateResults) -> dict[str, bool | int | dg.MetadataValue]:
    return {
        "findings": dg.MetadataValue.md(gate_markdown(results)),
        "refused": results.refused,
        "checks": len(results.findings),
        "failed": sum(not finding.passed for finding in results.findings),
    }
