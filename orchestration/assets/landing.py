"""One asset per source and input table: what the week's fetch landed.

What belongs here: deciding whether a source is asked, and reporting what came. How a source is
read is in `ingest/`.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import dagster as dg

from ingest.batches import Batch, batches
from ingest.documents.sources import Source, Sources
from ingest.errors import ProspectError, SourceUnavailable
from ingest.registry import connector
from ingest.settings import Settings, latest_monday

FETCH_TAG = "prospects/fetch"
RETRIES = 1
SECONDS_BETWEEN_RETRIES = 5


def landing_key(source: str, table: str) -> dg.AssetKey:
    """landing/<source>/<table>."""
    return dg.AssetKey(["landing", source, table])


def landing_assets(
    settings: Settings, sources: Sources, weeks: dg.PartitionsDefinition
) -> list[dg.AssetsDefinition]:
    """A step per source, an asset per table that it lands."""
    return [_source_asset(settings, source, weeks) for source in sources.sources]


def landed_tables(sources: Sources) -> dict[str, list[str]]:
    """The names of the sources that land each input table."""
    landed: dict[str, list[str]] = {}
    for source in sources.sources:
        for table in connector(source.connector).tables(source.options):
            landed.setdefault(table, []).append(source.name)
    return landed


def _source_asset(
    settings: Settings, source: Source, weeks: dg.PartitionsDefinition
) -> dg.AssetsDefinition:
    tables = connector(source.connector).tables(source.options)
    specs = [
        dg.AssetSpec(
            landing_key(source.name, table),
            group_name="landing",
            description=f"The rows of `{table}` that `{source.name}` gave ({source.connector}).",
            kinds={source.connector.replace("_", ""), "parquet"},
        )
        for table in tables
    ]
    answered = dg.AssetCheckSpec(
        "source_answered",
        asset=specs[0].key,
        description="The source gave new data this time; else its last good batch stays in use.",
    )

    @dg.multi_asset(
        name=f"fetch_{source.name}",
        specs=specs,
        check_specs=[answered],
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        required_resource_keys={"run_lock"},
    )
    def fetch(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        week = date.fromisoformat(context.partition_key)
        failure = None
        landed: Sequence[Batch] = ()
        if _is_asked(settings, source, week, context.run.tags.get(FETCH_TAG, "auto")):
            landed, failure = _fetched(context, settings, source, week)
        known = {batch.table: batch for batch in landed}
        for spec, table in zip(specs, tables, strict=True):
            yield dg.MaterializeResult(asset_key=spec.key, metadata=_metadata(known.get(table)))
        yield dg.AssetCheckResult(
            passed=failure is None,
            asset_key=answered.asset_key,
            check_name=answered.name,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"reason": failure} if failure else {},
        )

    return fetch


def _is_asked(settings: Settings, source: Source, week: date, mode: str) -> bool:
    """Only the running week fetches; an earlier one does from sources that answer for the past,
    and with --fetch for what it has nothing for."""
    if mode == "no":
        return False
    if connector(source.connector).answers_for_past(source.options):
        return True
    if week == latest_monday(datetime.now(UTC).date()):
        return True
    if mode != "yes":
        return False
    return not any(
        batch.source == source.name and batch.week <= week for batch in batches(settings)
    )


def _fetched(
    context: dg.AssetExecutionContext, settings: Settings, source: Source, week: date
) -> tuple[Sequence[Batch], str | None]:
    """What landed, and the reason where nothing did. A required source that fails stops the run."""
    from ingest.fetch import fetch_source

    try:
        return fetch_source(settings, source, week), None
    except SourceUnavailable as error:
        if context.retry_number < RETRIES:
            raise dg.RetryRequested(RETRIES, SECONDS_BETWEEN_RETRIES) from error
        return _kept(context, source, error)
    except ProspectError as error:
        return _kept(context, source, error)


def _kept(
    context: dg.AssetExecutionContext, source: Source, error: ProspectError
) -> tuple[Sequence[Batch], str]:
    if source.required:
        raise error
    context.log.warning("%s; its last good batch stays in use", error)
    return (), f"{error}"


def _metadata(batch: Batch | None) -> dict[str, dg.MetadataValue]:
    if batch is None:
        return {"landed": dg.MetadataValue.text("nothing new; the last good batch stays in use")}
    return {
        "dagster/row_count": dg.MetadataValue.int(batch.rows),
        "batch_id": dg.MetadataValue.text(batch.batch_id),
        "rejects": dg.MetadataValue.int(batch.rejects),
        "unconverted": dg.MetadataValue.int(batch.unconverted),
        "made_up": dg.MetadataValue.bool(batch.made_up),
    }
