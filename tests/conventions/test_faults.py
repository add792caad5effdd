"""The page of faults: each has its row, and each test that a row names exists."""

import ast
import re
from pathlib import Path

from ingest.settings import PROJECT
from tests.support.tree import parsed

ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FAULTS = {int(number): row for number, row in ROW.findall((PROJECT / "docs/faults.md").read_text())}


def test_every_fault_has_a_row_with_a_test() -> None:
    """From 1 to 44, in their order."""
    assert list(FAULTS) == list(range(1, 45))
    assert not [number for number, row in FAULTS.items() if not TEST.search(row)]


def test_the_tests_that_are_named_exist() -> None:
    """A test that is renamed is renamed on the page."""
    named = {test for row in FAULTS.values() for test in TEST.findall(row)}

    assert not [f"{path}::{name}" for path, name in named if name not in _functions(Path(path))]


def _functions(path: Path) -> set[str]:
    return {node.name for node in parsed(path).body if isinstance(node, ast.FunctionDef)}
