"""What holds for the whole suite, however many processes it runs in."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from orchestration.dbt import prepare_manifest

# Speed is measured, never timed in tests: a machine busy with something else proves nothing.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

RUNS_OF_THE_PIPELINE = ("second", "first", "backfill")
"""The session's fixtures that are whole runs; the second is made from the first."""


def pytest_xdist_auto_num_workers() -> int:
    """Two processes for each processor: half of a test's time is waiting for disks and sockets."""
    return 2 * (os.cpu_count() or 1)


def pytest_configure(config: pytest.Config) -> None:
    """Parse the dbt project once, before there are processes that would all do it at a time."""
    if not hasattr(config, "workerinput"):
        prepare_manifest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep in one process what shares dear fixtures: a file, and the tests of the same runs."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_shared(item)))


def _shared(item: pytest.Item) -> str:
    fixtures = getattr(item, "fixturenames", ())
    runs = [run for run in RUNS_OF_THE_PIPELINE if run in fixtures]
    return runs[0] if runs and item.path.parent.name == "pipeline" else f"{item.path}"
