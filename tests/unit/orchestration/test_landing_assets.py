"""The steps that fetch: what Dagster keeps of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
from pytest_httpserver import HTTPServer

from ingest.documents.sources import load_sources
from ingest.settings import PROJECT, Settings, latest_monday
from orchestration.assets.landing import landing_assets
from orchestration.instance import dagster_instance
from orchestration.partitions import list_weeks
from orchestration.resources import lock_resource
from tests.support.hubspot import MadeUpHubSpot, record
from tests.support.landing import tree

CANARY = "CANARY-5e21c7"
RUNNING = latest_monday(datetime.now(UTC).date())


@pytest.mark.parametrize("is_refused", [False, True], ids=["lands", "refused"])
def test_no_secret_is_in_what_dagster_keeps(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_refused: bool
) -> None:
    """Its logs, events and metadata, and every batch, after success and after refusal."""
    monkeypatch.setenv("CRM_TOKEN", CANARY)
    objects = {"companies": [record("1", name="Acme")], "contacts": [], "deals": []}
    crm = MadeUpHubSpot(objects, token="another" if is_refused else CANARY)
    sources = tmp_path / "sources.yml"
    sources.write_text(
        f"sources: {{crm: {{connector: hubspot, base_url: '{crm.serve(httpserver)}', "
        "token: '${CRM_TOKEN}'}}"
    )
    settings = Settings(
        tmp_path / "home", sources, PROJECT / "perfect_customer.yml", date(2026, 1, 5)
    )

    with dagster_instance(settings) as instance:
        result = dg.materialize(
            landing_assets(settings, load_sources(sources), list_weeks(settings)),
            partition_key=f"{RUNNING}",
            instance=instance,
            resources={"run_lock": lock_resource(settings)},
        )

    kept = tree(settings.home)
    asked = {request.headers["Authorization"] for request, _ in httpserver.log}
    assert result.success
    assert asked == {f"Bearer {CANARY}"}
    assert [check.passed for check in result.get_asset_check_evaluations()] == [not is_refused]
    assert any(name.startswith("dagster/") for name in kept)
    assert not [name for name, content in kept.items() if CANARY.encode() in content]
