"""Publishing the warehouse of `warehouse.py` in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from expectations.results import Finding, GateResults
from ingest.documents.perfect_customer import load_perfect_customer
from ingest.settings import PROJECT, Settings
from orchestration.publishing.edition import Edition
from orchestration.publishing.version import Judge, publish
from orchestration.warehouse import warehouse_file
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


def edition(
    settings: Settings,
    list_week: date = LIST_WEEK,
    publish_id: str = PUBLISH_ID,
    *,
    warehouse: Path | None = None,
    passed: bool = True,
) -> Edition:
    """What is to be published of a finished warehouse, by default the week's own."""
    return Edition(
        list_week,
        publish_id,
        warehouse or warehouse_file(settings, list_week),
        gate(list_week, publish_id, passed=passed),
        {"code_version": "made up", "document": document(), "batches": []},
    )


def document() -> dict[str, Any]:
    """The project's own document of the perfect customer, as the facts of an edition hold it."""
    customer = load_perfect_customer(PROJECT / "perfect_customer.yml")
    return {
        "version": customer.version,
        "sha256": customer.digest(),
        "agreed": customer.agreed.model_dump(mode="json"),
        "content": customer.model_dump(mode="json", by_alias=True),
    }


def unjudged(folder: Path, results: GateResults) -> GateResults:
    """A judge for tests of the publishing itself, which finds nothing in any file."""
    return results


def publish_week(
    settings: Settings,
    list_week: date = LIST_WEEK,
    digest: str = "0123456789ab",
    mutations: Iterable[str] = (),
    judge: Judge = unjudged,
) -> Path:
    """Build the warehouse of a week, changed by SQL, and publish it."""
    publish_id = f"{list_week}-{digest}"
    build_warehouse(
        warehouse_file(settings, list_week),
        list_week=list_week,
        publish_id=publish_id,
        mutations=mutations,
    )
    return publish(settings, edition(settings, list_week, publish_id), judge).folder
