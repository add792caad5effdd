"""Every dbt model as an asset, in three steps with identity and the evidence between them."""

from collections.abc import Iterator, Mapping
from datetime import date
from threading import Thread
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.dbt import current_manifest, dagster_events
from orchestration.evidence import charts
from orchestration.inputs import read_inputs
from orchestration.labels import owners_of, tags_of
from orchestration.warehouse import warehouse_file
from orchestration.worker import worker

# The last model that identity reads; everything it needs comes before, everything else after.
BEFORE_IDENTITY = "+int_company_links +int_company_names +int_company_records"
# What reads the figures of the evidence, which are made of what the step before built.
AFTER_EVIDENCE = "source:evidence+"
# What tests formulas and seeds belongs to the test suite: no week's data changes them.
NO_CHECKS = "tag:formula file:_seeds.yml"
FEW_ROWS = 250_000


class WarehouseTranslator(DagsterDbtTranslator):
    """Keys, groups and labels that follow the folders: raw/…, staging/…, identity/…, marts/…."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """<folder>/<name>; a source's folder is the schema it lies in."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([self.get_group_name(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The innermost folder of the resource's file."""
        return _folders(dbt_resource_props)[-1]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Those who answer for the resource's layer."""
        return owners_of(_folders(dbt_resource_props)[0])

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> dict[str, str]:
        """The layer, and whether people's data is in it."""
        return tags_of(_folders(dbt_resource_props)[0], dbt_resource_props["name"])


def warehouse_assets(
    settings: Settings, weeks: dg.PartitionsDefinition
) -> list[dg.AssetsDefinition]:
    """The models before identity, those after it, and those after the evidence."""
    return [
        _dbt_step(settings, weeks, "records", select=BEFORE_IDENTITY),
        _dbt_step(settings, weeks, "marts", exclude=f"{BEFORE_IDENTITY} {AFTER_EVIDENCE}"),
        _dbt_step(settings, weeks, "evidence_marts", select=AFTER_EVIDENCE),
    ]


def _dbt_step(
    settings: Settings,
    weeks: dg.PartitionsDefinition,
    name: str,
    select: str = "fqn:*",
    exclude: str = "",
) -> dg.AssetsDefinition:
    translator = WarehouseTranslator()
    left_out = f"{exclude} {NO_CHECKS}"

    @dbt_assets(
        manifest=current_manifest(),
        name=name,
        select=select,
        exclude=left_out,
        dagster_dbt_translator=translator,
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def step(context: dg.AssetExecutionContext) -> Iterator[Any]:
        week = date.fromisoformat(context.partition_key)
        inputs = read_inputs(settings, week)
        database = warehouse_file(settings, week)
        # dbt looks through the whole project for each name, so all of a step is told in few words.
        names = _selected_names(context, translator) if context.is_subset else select.split()
        selection = ["--select", *names, "--exclude", *left_out.split()]
        built = worker().build(
            settings,
            database,
            inputs.dbt_vars,
            ["--exclude-resource-type", "unit_test", *selection],
            threads=models_at_once(sum(batch["rows"] for batch in inputs.batches)),
        )
        if not context.is_subset:
            # The evidence is drawn next, and there is nothing to do here meanwhile but to listen.
            Thread(target=charts.warm_up, daemon=True).start()
        try:
            for node in built:
                yield from dagster_events(context, node, translator)
        except ProspectError as error:
            raise dg.Failure(f"{error}", allow_retries=False) from error

    return step


def models_at_once(landed_rows: int) -> int:
    """How many models are built side by side: two of few rows, since most of their time is dbt's
    own; one of many, since two would halve what each may hold in memory and take as long."""
    return 2 if landed_rows <= FEW_ROWS else 1


def _folders(dbt_resource_props: Mapping[str, Any]) -> list[str]:
    """The folders of a resource's file below models/; of a seed that of the seeds."""
    folders: list[str] = dbt_resource_props["original_file_path"].split("/")[:-1]
    return folders[1:] or folders


def _selected_names(
    context: dg.AssetExecutionContext, translator: WarehouseTranslator
) -> list[str]:
    """The names of the selected models and seeds."""
    nodes = current_manifest()["nodes"].values()
    return sorted(
        node["name"]
        for node in nodes
        if node["resource_type"] in ("model", "seed")
        and translator.get_asset_key(node) in context.selected_asset_keys
    )
