"""What holds for the whole suite, however many processes it runs in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from orchestration.dbt import prepare_manifest

# Speed is measured, never timed in tests: a machine busy with something else proves nothing.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

PIPELINE = Path(__file__).parent / "pipeline"


def pytest_configure(config: pytest.Config) -> None:
    """Parse the dbt project once, before there are processes that would all do it at a time."""
    if not hasattr(config, "workerinput"):
        prepare_manifest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep in one process what shares dear fixtures: a file, and the folder of whole runs."""
    for item in items:
        shared = item.path.parent if item.path.parent == PIPELINE else item.path
        item.add_marker(pytest.mark.xdist_group(f"{shared}"))
