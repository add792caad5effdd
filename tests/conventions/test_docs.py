"""What the pages say is there: their links, their YAML, and the commands they name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ingest.settings import PROJECT
from orchestration.cli import commands
from tests.support.tree import project_files

PAGES = [path for path in project_files() if path.suffix == ".md"]
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_resolve(page: Path) -> None:
    """A link leads to a file of the project, and to a heading that is on it."""
    wrong = [link for link in _links(page) if not _leads_somewhere(page, link)]

    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_yaml_can_be_read(page: Path) -> None:
    """What a reader copies from a page is YAML as the documents are read."""
    for language, block in FENCE.findall(_text(page)):
        if language in ("yaml", "yml"):
            YAML(typ="safe", pure=True).load(block)


def test_commands_exist() -> None:
    """Every `prospects …` and `make …` that a page shows can be typed."""
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    shown = re.sub(r"#.*", "", "\n".join(_code(page) for page in PAGES))

    assert set(re.findall(r"\bprospects ([a-z]+)\b", shown)) <= set(commands.commands)
    assert set(re.findall(r"\bmake ([a-z]+)\b", shown)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_files_named_in_code_exist(page: Path) -> None:
    """A path of the project that a page names in code is there."""
    named = re.findall(
        r"`((?:dbt_project|docs|expectations|ingest|orchestration|tests)/[\w./]*)`", _text(page)
    )

    assert not [path for path in named if not (PROJECT / path).exists()]


def _text(page: Path) -> str:
    return (PROJECT / page).read_text()


def _links(page: Path) -> Iterator[str]:
    yield from (
        link for link in LINK.findall(FENCE.sub("", _text(page))) if not re.match(r"[a-z]+:", link)
    )


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = (PROJECT / page).parent / path if path else PROJECT / page
    if not target.resolve().is_relative_to(PROJECT) or not target.exists():
        return False
    return not heading or heading in _headings(target)


def _headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


def _code(page: Path) -> str:
    text = _text(page)
    return "\n".join([block for _, block in FENCE.findall(text)] + re.findall(r"`([^`\n]+)`", text))
