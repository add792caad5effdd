"""What the conventions read besides the files themselves: the parsed dbt project."""

import json
from typing import Any

import pytest

from orchestration.dbt import prepare_manifest


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """dbt's manifest of the project as it stands."""
    content: dict[str, Any] = json.loads(prepare_manifest().read_text())
    return content


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The models of the project by their names."""
    nodes = manifest["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}
