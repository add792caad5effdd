"""What every mart states about itself, and that everything which leaves the house is known."""

from typing import Any

import pytest

from orchestration.assets.publication import MARTS

Models = dict[str, dict[str, Any]]
STAMPS = ("list_week", "publish_id")


@pytest.fixture(scope="module")
def marts(models: Models) -> Models:
    """The models of the marts folder by their names."""
    return {name: model for name, model in models.items() if model["fqn"][1] == "marts"}


def test_contracts_are_enforced(marts: Models) -> None:
    """BI relies on the columns, so a model that gives others fails."""
    assert not [name for name, mart in marts.items() if not mart["config"]["contract"]["enforced"]]


def test_columns_are_typed_and_described(marts: Models) -> None:
    """Each column says what it is."""
    assert not [
        f"{name}.{column['name']}"
        for name, mart in marts.items()
        for column in mart["columns"].values()
        if not column["data_type"] or not column["description"].endswith(".")
    ]


def test_every_mart_is_stamped(marts: Models) -> None:
    """The last two columns say which list the rows belong to."""
    assert not [n for n, mart in marts.items() if tuple(mart["columns"])[-2:] != STAMPS]


def test_the_grain_is_stated_and_tested(marts: Models, manifest: dict[str, Any]) -> None:
    """The columns that meta.grain names are those that the grain test counts."""
    tested = {
        node["attached_node"].split(".")[-1]: node["test_metadata"]["kwargs"]["columns"]
        for node in manifest["nodes"].values()
        if node.get("test_metadata", {}).get("name") == "unique_grain"
        and node["attached_node"].startswith("model.")
    }

    assert {name: mart["config"]["meta"].get("grain") for name, mart in marts.items()} == tested


def test_every_mart_has_an_owner(marts: Models, manifest: dict[str, Any]) -> None:
    """The owner is a group of the project, so that it has a name and an address."""
    groups = {group["name"] for group in manifest["groups"].values()}

    assert {mart["config"]["meta"].get("owner") for mart in marts.values()} <= groups
    assert {mart["config"]["group"] for mart in marts.values()} <= groups


def test_what_is_published_are_the_marts(marts: Models) -> None:
    """The publication waits for every mart, and for nothing else."""
    assert set(MARTS) == set(marts)


def test_exposures_are_owned_and_rest_on_marts_alone(
    marts: Models, manifest: dict[str, Any]
) -> None:
    """What leaves the house has an owner, a maturity, and passes the contracts on its way."""
    names = {name: f"model.prospects.{name}" for name in marts}
    exposures = manifest["exposures"].values()

    assert not [e["name"] for e in exposures if not (e["owner"]["email"] and e["maturity"])]
    assert not [
        f"{exposure['name']}: {node}"
        for exposure in exposures
        for node in exposure["depends_on"]["nodes"]
        if node not in names.values()
    ]


def test_bi_gets_every_mart(marts: Models, manifest: dict[str, Any]) -> None:
    """The exposure of the marts names all of them."""
    exposure = manifest["exposures"]["exposure.prospects.marts_for_bi"]

    assert {node.split(".")[-1] for node in exposure["depends_on"]["nodes"]} == set(marts)
