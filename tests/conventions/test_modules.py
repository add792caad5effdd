"""How the Python of the project is laid out: who may import whom, and what is documented."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from ingest.registry import CONNECTORS, connector
from tests.support.tree import PACKAGES, imported, modules, packages, parsed

EVERYWHERE = modules(*PACKAGES)
DAGSTER = {"dagster", "dagster_dbt"}


def test_ingest_knows_nothing_of_what_uses_it() -> None:
    """Fetching and landing can be read, run and tested without Dagster, dbt or the gate."""
    users = {*DAGSTER, "great_expectations", "dbt", "expectations", "orchestration"}

    assert not _importers(modules("ingest"), users)


def test_expectations_know_nothing_of_what_runs_them() -> None:
    """The suites are about a warehouse, whoever built it."""
    assert not _importers(modules("expectations"), {*DAGSTER, "dbt", "orchestration"})


def test_only_the_runner_imports_great_expectations() -> None:
    """Its import costs seconds, which only a run of the gate is to pay."""
    assert _importers(EVERYWHERE, {"great_expectations"}) == ["expectations/runner.py"]


def test_there_is_one_way_of_running_dbt() -> None:
    """dbt's own modules are not a public interface, so they are used in one place."""
    assert _importers(EVERYWHERE, {"dbt"}) == ["orchestration/dbt.py"]


def test_reading_and_publishing_need_no_dagster() -> None:
    """Whoever reads the list, or builds its files in a test, does not load an orchestrator."""
    readers = [
        path
        for path in modules("orchestration")
        if path.parts[1] == "publishing" or path.stem in ("cli", "explanations", "reading")
    ]

    assert not _importers(readers, DAGSTER)


def test_every_module_says_what_it_is() -> None:
    """A module's docstring is where a reader starts."""
    assert not [f"{p}" for p in (*EVERYWHERE, *modules("tests")) if not _has_docstring(p)]


def test_packages_hold_no_code() -> None:
    """Importing a package does nothing."""
    packages_ = [path for path in EVERYWHERE if path.name == "__init__.py"]

    assert not [f"{path}" for path in packages_ if len(parsed(path).body) != 1]


def test_everything_public_is_documented() -> None:
    """Public functions, classes and methods say what they give."""
    assert not [
        f"{path}: {node.name}"
        for path in EVERYWHERE
        for node in _public(parsed(path))
        if not ast.get_docstring(node) and node.name not in _told_elsewhere(path)
    ]


def test_tests_state_their_promise_in_a_sentence() -> None:
    """Each test has a docstring beside its name."""
    assert not [
        f"{path}: {node.name}"
        for path in modules("tests")
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]


def test_a_source_is_one_file_and_one_line() -> None:
    """The registry names each module of ingest/sources, and each under its own name."""
    files = {path.stem for path in modules("ingest") if path.parts[1] == "sources"} - {"__init__"}

    assert {name: f"ingest.sources.{name}" for name in files} == CONNECTORS


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_connector_has_the_shape_that_the_registry_promises(name: str) -> None:
    """What `Connector` names is there, and nothing else is public."""
    tree = parsed(Path(f"ingest/sources/{name}.py"))
    functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}

    assert {f for f in functions if not f.startswith("_")} == {
        "tables",
        "answers_for_past",
        "fetch",
    }
    assert connector(name).Options.model_config["extra"] == "forbid"
    assert connector(name).RATE_PER_SECOND > 0


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_connector_that_has_secrets_sends_them_to_private_addresses(name: str) -> None:
    """Every address that is an option beside a secret refuses plain http://."""
    options = connector(name).Options
    has_secrets = any(
        "SecretStr" in str(field.annotation) for field in options.model_fields.values()
    )
    addresses = {option for option in options.model_fields if option.endswith("url")}

    assert _refused(options, addresses) == (addresses if has_secrets else set())


def _refused(options: type[BaseModel], addresses: set[str]) -> set[str]:
    """The addresses that may not be plain http://."""
    try:
        options.model_validate(dict.fromkeys(addresses, "http://made-up.example"))
    except ValidationError as error:
        return {f"{each['loc'][0]}" for each in error.errors() if "https://" in each["msg"]}
    return set()


def _importers(paths: Iterable[Path], wanted: set[str]) -> list[str]:
    return [f"{path}" for path in paths if packages(imported(path)) & wanted]


def _has_docstring(path: Path) -> bool:
    return ast.get_docstring(parsed(path)) is not None


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef) and not _is_protocol(node):
                yield from (
                    method
                    for method in node.body
                    if isinstance(method, ast.FunctionDef)
                    and not method.name.startswith("_")
                    and not _is_rule(method)
                )


def _is_protocol(node: ast.ClassDef) -> bool:
    """Its docstring tells its methods."""
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def _is_rule(node: ast.FunctionDef) -> bool:
    """A rule of a table's schema; its name is the sentence that a reject shows."""
    return any(ast.unparse(decorator).startswith("dy.rule") for decorator in node.decorator_list)


def _told_elsewhere(path: Path) -> set[str]:
    """What every connector has is told once, in ingest/registry.py."""
    if path.parts[:2] == ("ingest", "sources"):
        return {"Options", "tables", "answers_for_past", "fetch"}
    return set()
