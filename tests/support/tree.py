"""The project's own files, as the conventions look at them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ingest.settings import PROJECT

PACKAGES = ("ingest", "expectations", "orchestration")
# Made by tools or by runs, never committed; .gitignore names the same.
GENERATED = {"data", "target", "logs", "__pycache__"}
HIDDEN_BUT_OURS = {".ci", ".gitignore"}


def project_files() -> list[Path]:
    """Every file that belongs to the project, relative to its root."""
    return sorted(path.relative_to(PROJECT) for path in _walk(PROJECT))


def modules(*folders: str) -> list[Path]:
    """The Python files below the folders, relative to the root."""
    return [path for path in project_files() if path.suffix == ".py" and path.parts[0] in folders]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse((PROJECT / path).read_text())


def imported(path: Path) -> set[str]:
    """The full names of the modules that a module imports, wherever in it, also only for types."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def packages(names: set[str]) -> set[str]:
    """The top-level packages among imported names."""
    return {name.partition(".")[0] for name in names}


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in GENERATED or path.name.endswith(".egg-info"):
            continue
        if path.name.startswith(".") and path.name not in HIDDEN_BUT_OURS:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.is_file():
            yield path
