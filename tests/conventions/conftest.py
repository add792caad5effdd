"""What the conventions read besides the files themselves: the parsed dbt project."""

from collections.abc import Mapping
from typing import Any

import pytest

from orchestration.dbt import current_manifest, prepare_manifest


@pytest.fixture(scope="session")
def manifest() -> Mapping[str, Any]:
    """dbt's manifest of the project as it stands."""
    prepare_manifest()
    return current_manifest()


@pytest.fixture(scope="session")
def models(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The models of the project by their names."""
    nodes = manifest["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}
