"""Which company records are one company: the asset between the two halves of the dbt graph."""

from datetime import date

import dagster as dg

from ingest.settings import Settings
from orchestration.identity import cluster_companies
from orchestration.labels import owners_of, tags_of
from orchestration.warehouse import connect

KEY = dg.AssetKey(["identity", "company_clusters"])


def identity_asset(settings: Settings, weeks: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """One row per company record: the cluster it belongs to, and why."""

    @dg.asset(
        key=KEY,
        deps=[
            dg.AssetKey(["identity", "int_company_links"]),
            dg.AssetKey(["identity", "int_company_records"]),
        ],
        group_name="identity",
        kinds={"duckdb"},
        owners=owners_of("identity"),
        tags=tags_of("identity", KEY.path[-1]),
        description="One row per company record: the cluster it belongs to, and why.",
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def company_clusters(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with connect(settings, date.fromisoformat(context.partition_key)) as connection:
            clusters = cluster_companies(connection)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": clusters.records,
                "clusters": clusters.clusters,
                "largest_cluster": clusters.largest,
                "rounds": clusters.rounds,
            }
        )

    return company_clusters
