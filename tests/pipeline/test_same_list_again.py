"""The same inputs give the same list, byte for byte, in whatever home, process and order."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.conftest import NEXT_WEEK, WEEK
from tests.support.landing import tree
from tests.support.runs import Publication, fingerprint, prospects, start_prospects


@pytest.fixture(scope="module")
def repeated(first: Publication, tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """The same week from nothing in another home, by a process of its own that differs in all that
    must not matter: hash seed, time zone, locale."""
    settings = replace(first.settings, home=tmp_path_factory.mktemp("again") / "home")
    further = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    with start_prospects(settings, "run", "--week", WEEK, **further) as process:
        said, _ = process.communicate()
    assert process.returncode == 0, said
    return Publication(settings, WEEK)


def test_the_same_week_from_nothing_gives_the_same_version(
    first: Publication, repeated: Publication
) -> None:
    """Neither the home nor the process nor the clock is part of the publish id."""
    assert repeated.publish_id == first.publish_id


def test_the_same_week_from_nothing_gives_the_same_bytes(
    first: Publication, repeated: Publication
) -> None:
    """All but the DuckDB file, which is compared by content, is equal byte for byte."""
    ours, theirs = tree(first.folder), tree(repeated.folder)
    assert set(ours) == set(theirs)
    differing = {path for path in ours if ours[path] != theirs[path]}
    assert differing <= {"marts.duckdb", "manifest.json"}


def test_the_manifests_differ_in_the_hash_of_the_database_only(
    first: Publication, repeated: Publication
) -> None:
    """Everything else that the manifest tells is equal too."""
    ours, theirs = first.manifest(), repeated.manifest()
    for manifest in (ours, theirs):
        del manifest["files"]["marts.duckdb"]
    assert ours == theirs


def test_the_database_has_the_same_content(first: Publication, repeated: Publication) -> None:
    """Every table and view of the DuckDB file holds the same rows."""
    assert first.text()["marts.duckdb"] == repeated.text()["marts.duckdb"]


def test_a_rerun_changes_nothing_that_is_published(second: Publication, tmp_path: Path) -> None:
    """Running a week again leaves every published file and link, and the history, as it was."""
    settings = replace(second.settings, home=tmp_path / "home")
    shutil.copytree(second.settings.home, settings.home, symlinks=True)
    before = fingerprint(settings.published), fingerprint(settings.history)
    landed = fingerprint(settings.landing)
    ending = prospects(settings, "run", "--week", NEXT_WEEK)
    assert ending.code == 0, ending.err
    assert (fingerprint(settings.published), fingerprint(settings.history)) == before
    assert fingerprint(settings.landing) == landed
