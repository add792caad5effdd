"""Which company records are one company: the assets between the two halves of the dbt graph."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.identity.decisions import MatchDecision
from orchestration.identity.matching import load_model, model_digest, model_file
from orchestration.identity.pair_cache import cache_file
from orchestration.identity.resolve import Resolution, resolve_companies
from orchestration.inputs import read_inputs
from orchestration.labels import owners_of, tags_of
from orchestration.metadata import weights_chart
from orchestration.warehouse import connect

ASSETS = {
    "company_clusters": "One row per company record: the account it belongs to, and why.",
    "account_id_changes": "One row per account id that was merged into another or split.",
    "uncertain_matches": "One row per pair of records that are not one account but may be.",
}


def identity_assets(settings: Settings, weeks: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The identity step, of which each table is an asset."""
    specs = [
        dg.AssetSpec(
            ["identity", name],
            deps=[
                dg.AssetKey(["identity", "int_company_links"]),
                dg.AssetKey(["identity", "int_company_names"]),
                dg.AssetKey(["identity", "int_company_records"]),
                dg.AssetKey(["identity", "int_domains_shared"]),
                dg.AssetKey(["raw", "last_account_records"]),
                dg.AssetKey(["raw", "last_account_id_changes"]),
            ],
            group_name="identity",
            kinds={"duckdb"},
            owners=owners_of("identity"),
            tags=tags_of("identity", name),
            description=description,
        )
        for name, description in ASSETS.items()
    ]

    @dg.multi_asset(
        name="identity",
        specs=specs,
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def identity(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        week = date.fromisoformat(context.partition_key)
        inputs = read_inputs(settings, week)
        model = model_file(settings)
        if model_digest(model) != inputs.match_model:
            raise ProspectError(f"{model.name} changed while the run was on its way; run again")
        parameters = load_model(model)
        decisions = [MatchDecision(**decision) for decision in inputs.match_decisions]
        with connect(settings, week) as connection:
            resolution = resolve_companies(
                connection, parameters, decisions, week, cache_file(settings)
            )
        metadata = _metadata(resolution)
        metadata["company_clusters"] |= {
            "weights": dg.MetadataValue.md(weights_chart(parameters.settings)),
            "trained_on": f"{parameters.trained_on}, {parameters.trained_date}",
        }
        for name in ASSETS:
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(["identity", name]), metadata=metadata[name]
            )

    return identity


def _metadata(resolution: Resolution) -> dict[str, dict[str, Any]]:
    """What Dagster draws over the weeks."""
    clusters, accounts = resolution.clusters, resolution.accounts
    return {
        "company_clusters": {
            "dagster/row_count": clusters.records,
            "accounts": clusters.clusters,
            "largest_account": clusters.largest,
            "candidate_pairs": resolution.candidates.pairs,
            "crowded_keys": resolution.candidates.crowded_keys,
            "compared_pairs": resolution.weighed.compared,
            "weighed_pairs": resolution.weighed.pairs,
            **{f"records/{reason}": records for reason, records in resolution.reasons.items()},
            **{f"accounts_of_records/{size}": many for size, many in resolution.sizes.items()},
        },
        "account_id_changes": {
            "kept": accounts.kept,
            "new": accounts.new,
            "merged": accounts.merged,
            "split": accounts.split,
        },
        "uncertain_matches": {"dagster/row_count": resolution.uncertain, "held": clusters.held},
    }
