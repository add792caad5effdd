"""What holds for the whole suite, however many processes it runs in."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from orchestration.dbt import prepare_manifest

# Speed is measured, never timed in tests: a machine busy with something else proves nothing.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Parse the dbt project once, before there are processes that would all do it at a time."""
    if not hasattr(config, "workerinput"):
        prepare_manifest()
