"""What holds for the tests of all sources: made-up vendors are asked without a pause."""

from __future__ import annotations

import pytest
from requests_ratelimiter import LimiterAdapter

from ingest import http
from ingest.sources import hubspot


@pytest.fixture(autouse=True)
def without_a_pause(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go out as they come, but where a test is about the rate itself."""
    if request.node.get_closest_marker("at_its_rate") is None:
        monkeypatch.setattr(http, "LimiterAdapter", _hardly_limited)
        monkeypatch.setattr(hubspot, "SEARCH_PAUSE", 0.0)


def _hardly_limited(**options: object) -> LimiterAdapter:
    return LimiterAdapter(**options | {"per_second": 1_000.0})
