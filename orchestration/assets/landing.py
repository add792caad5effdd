"""One asset per source and input table: what the week's fetch landed.

What belongs here: the steps of a run that fetch, and reporting what came. Whether a source is asked
is in `fetching.py`, how it is read in `ingest/`.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import dagster as dg

from ingest.documents.sources import Source, Sources
from ingest.errors import ProspectError, SourceUnavailable
from ingest.registry import connector
from ingest.settings import Settings, latest_monday
from ingest.unread import told
from orchestration.fetching import is_asked
from orchestration.labels import SOURCE_FRESHNESS, owners_of, tags_of

if TYPE_CHECKING:
    from ingest.fetch import Fetched

FETCH_TAG = "prospects/fetch"
KEPT = "what landed before, if anything, stays in use"
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
            owners=owners_of("landing"),
            tags=tags_of("landing", table),
            freshness_policy=SOURCE_FRESHNESS,
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
        fetched, failure = None, None
        mode = context.run.tags.get(FETCH_TAG, "auto")
        running_week = latest_monday(datetime.now(UTC).date())
        if is_asked(settings, source, week, mode, running_week):
            fetched, failure = _fetched(context, settings, source, week)
        for spec, table in zip(specs, tables, strict=True):
            yield dg.MaterializeResult(asset_key=spec.key, metadata=_metadata(fetched, table))
        yield dg.AssetCheckResult(
            passed=failure is None,
            asset_key=answered.asset_key,
            check_name=answered.name,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"reason": f"{failure}; {KEPT}"} if failure else {},
        )

    return fetch


def _fetched(
    context: dg.AssetExecutionContext, settings: Settings, source: Source, week: date
) -> tuple["Fetched | None", str | None]:
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
) -> tuple[None, str]:
    if source.required:
        raise error
    context.log.warning("%s; %s", error, KEPT)
    return None, f"{error}"


def _metadata(fetched: "Fetched | None", table: str) -> dict[str, dg.MetadataValue]:
    """Numbers of the table's batch, and those of its whole source: it is asked once for all."""
    if fetched is None:
        return {"landed": dg.MetadataValue.text("nothing new; the last good batch stays in use")}
    (batch,) = (batch for batch in fetched.batches if batch.table == table)
    return {
        "dagster/row_count": dg.MetadataValue.int(batch.rows),
        "rejects": dg.MetadataValue.int(batch.rejects),
        "unconverted": dg.MetadataValue.int(batch.unconverted),
        "unread": dg.MetadataValue.text(told(batch.unread) or "nothing"),
        "batch_id": dg.MetadataValue.text(batch.batch_id),
        "made_up": dg.MetadataValue.bool(batch.made_up),
        "source/requests": dg.MetadataValue.int(fetched.traffic.requests),
        "source/retries": dg.MetadataValue.int(fetched.traffic.retries),
        "source/bytes": dg.MetadataValue.int(fetched.traffic.bytes),
        "source/seconds": dg.MetadataValue.float(round(fetched.traffic.seconds, 3)),
    }
