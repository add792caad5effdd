"""Publishing the warehouse of `warehouse.py` in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from expectations.results import Finding, GateResults
from ingest.settings import Settings
from orchestration.publishing.version import publish
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID, build_warehouse


def settings_in(home: Path) -> Settings:
    """The caller's settings with everything under `home`."""
    return Settings.from_environment({"PROSPECT_HOME": str(home)})


def gate(
    list_week: date = LIST_WEEK, publish_id: str = PUBLISH_ID, *, passed: bool = True
) -> GateResults:
    """Gate results with one critical finding and one banner."""
    ranks = Finding(
        "ranks_dense", "departures", "critical", passed, "Read from the top.", "1, 2, 3", "a gap"
    )
    volume = Finding(
        "volume_of_signals", "arrivals", "warning", False, "Signals <fell>.", "no fall", "3 rows"
    )
    return GateResults(list_week, publish_id, (ranks, volume))


def publish_week(
    settings: Settings,
    list_week: date = LIST_WEEK,
    digest: str = "0123456789ab",
    mutations: Iterable[str] = (),
) -> Path:
    """Build the warehouse of a week, changed by SQL, and publish it."""
    publish_id = f"{list_week}-{digest}"
    warehouse = build_warehouse(
        settings.warehouse / f"{list_week}" / "warehouse.duckdb",
        list_week=list_week,
        publish_id=publish_id,
        mutations=mutations,
    )
    facts = {"code_version": "made up"}
    return publish(settings, list_week, publish_id, warehouse, gate(list_week, publish_id), facts)
