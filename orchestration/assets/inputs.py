"""The raw views: what this week's list is made from, judged on arrival.

They are made and judged in one step, so that nothing is built on batches that the gate refuses.
"""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from ingest.documents.sources import Sources
from ingest.settings import Settings
from ingest.tables import TABLES
from orchestration.assets.landing import landed_tables, landing_key
from orchestration.gate import (
    ARRIVALS,
    acceptances_of,
    arrival_checks,
    check_results,
    judge_arrivals,
)
from orchestration.inputs import NEWEST_TABLES, take_inputs
from orchestration.labels import owners_of, tags_of


def raw_key(name: str) -> dg.AssetKey:
    """raw/<name>: the key of the dbt source of that name."""
    return dg.AssetKey(["raw", name])


def raw_assets(
    settings: Settings, sources: Sources, weeks: dg.PartitionsDefinition
) -> dg.AssetsDefinition:
    """Every raw view, in one step, with the arrivals suite as checks of `raw/batches`."""
    specs = _specs(sources)
    checks = arrival_checks(sources, raw_key("batches"))

    @dg.multi_asset(
        name="inputs",
        specs=specs,
        check_specs=checks,
        # Dagster 1.13 refuses to back-fill the graph over a step that only runs whole and whose
        # assets depend on different ones. All views are made all the same.
        can_subset=True,
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def inputs(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        taken = take_inputs(settings, date.fromisoformat(context.partition_key))
        rows = {
            name: sum(batch["rows"] for batch in taken.batches if batch["table_name"] == name)
            for name in TABLES
        }
        for spec in specs:
            if spec.key not in context.selected_asset_keys:
                continue
            name = spec.key.path[-1]
            metadata = {"dagster/row_count": rows[name]} if name in rows else {}
            yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)
        acceptances = acceptances_of(context.run.tags)
        judgement = judge_arrivals(settings, sources, taken, acceptances)
        for result in check_results(judgement.results, raw_key("batches"), "arrivals"):
            key = dg.AssetCheckKey(raw_key("batches"), f"{result.check_name}")
            if key in context.selected_asset_check_keys:
                yield result
        judgement.hold_back(settings, ARRIVALS)

    return inputs


def _specs(sources: Sources) -> list[dg.AssetSpec]:
    landed = landed_tables(sources)
    specs = []
    for name in TABLES:
        deps = [landing_key(source, name) for source in landed.get(name, [])]
        specs.append(_spec(name, deps, f"{TABLES[name].doc} The batches that the week uses."))
        if name in NEWEST_TABLES:
            text = f"{TABLES[name].doc} Their newest state, whatever the week."
            specs.append(_spec(f"latest_{name}", deps, text))
    specs.append(_spec("batches", [], "The batches that the week uses, and what they hold."))
    specs.append(_spec("account_facts", [], "Every account on each published list."))
    specs.append(_spec("last_account_facts", [], "Every account on the list compared with."))
    specs.append(_spec("last_account_records", [], "Which account each record was part of then."))
    specs.append(_spec("last_account_id_changes", [], "Account ids merged or split until then."))
    specs.append(_spec("published_lists", [], "All earlier published lists."))
    return specs


def _spec(name: str, deps: list[dg.AssetKey], description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(name),
        deps=deps,
        group_name="raw",
        description=description,
        kinds={"duckdb"},
        owners=owners_of("raw"),
        tags=tags_of("raw", name),
    )
