"""What holds for the whole suite, however many processes it runs in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from requests_ratelimiter import LimiterAdapter

from ingest import http
from ingest.sources import hubspot
from orchestration.dbt import prepare_manifest

# Speed is measured, never timed in tests: a machine busy with something else proves nothing.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Parse the dbt project once, before there are processes that would all do it at a time."""
    if not hasattr(config, "workerinput"):
        prepare_manifest()


@pytest.fixture(scope="session", autouse=True)
def without_a_pause() -> Iterator[None]:
    """Made-up vendors are asked as fast as they answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "LimiterAdapter", _hardly_limited)
        patch.setattr(hubspot, "SEARCH_PAUSE", 0.0)
        yield


@pytest.fixture
def at_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that are about the rate: requests wait for it."""
    monkeypatch.setattr(http, "LimiterAdapter", LimiterAdapter)


def _hardly_limited(**options: object) -> LimiterAdapter:
    return LimiterAdapter(**options | {"per_second": 1_000.0})
