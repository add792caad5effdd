"""What holds for the whole suite, however many processes it runs in."""

from __future__ import annotations

import pytest

from orchestration.dbt import prepare_manifest


def pytest_configure(config: pytest.Config) -> None:
    """Parse the dbt project once, before there are processes that would all do it at a time."""
    if not hasattr(config, "workerinput"):
        prepare_manifest()
