"""The code location: everything that Dagster loads, in a few lines.

Loading reads `sources.yml` and the dbt manifest, and opens nothing else.
"""

import warnings

import dagster as dg

from ingest.documents.sources import load_sources
from ingest.settings import Settings
from orchestration.assets.evidence import evidence_assets
from orchestration.assets.identity import identity_assets
from orchestration.assets.inputs import raw_assets
from orchestration.assets.landing import landing_assets
from orchestration.assets.publication import publication_assets
from orchestration.assets.warehouse import warehouse_assets
from orchestration.jobs import purge_job, weekly_job
from orchestration.partitions import list_weeks
from orchestration.resources import lock_resource
from orchestration.schedules import all_schedules
from orchestration.sensors import all_sensors

# Back-fill policies and checks of partitions are marked so by Dagster; its version is pinned.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)


def build_definitions(settings: Settings | None = None) -> dg.Definitions:
    """All definitions for the caller's settings, or for others that a test gives."""
    settings = settings or Settings.from_environment()
    sources = load_sources(settings.sources)
    weeks = list_weeks(settings)
    return dg.Definitions(
        assets=[
            *landing_assets(settings, sources, weeks),
            raw_assets(settings, sources, weeks),
            *warehouse_assets(settings, weeks),
            identity_assets(settings, weeks),
            evidence_assets(settings, weeks),
            *publication_assets(settings, weeks),
        ],
        jobs=[weekly_job, purge_job(settings)],
        schedules=all_schedules(),
        sensors=all_sensors(settings, sources),
        resources={"run_lock": lock_resource(settings)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def definitions() -> dg.Definitions:
    """What `workspace.yaml` names."""
    return build_definitions()
