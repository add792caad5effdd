"""Publishing dies or fails at every single step, and readers never notice.

Two stretches have tests of their own: building the version, which nothing names yet, and what comes
after it, from the history over the links to the pruning.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from ingest.settings import Settings
from orchestration.publishing.edition import Edition
from orchestration.publishing.version import SUPERSEDED_KEPT, WEEKS_KEPT, linked_versions
from orchestration.warehouse import FILE_NAME
from tests.support.attempts import KILLED, Attempt, FailingAt, Fault, FileLimit, KilledAt, attempt
from tests.support.crash import publish_edition
from tests.support.publications import edition, publish_week, settings_in
from tests.support.reached import is_old_or_new, names, reached, repeatable
from tests.support.warehouse import LIST_WEEK, build_warehouse

NEXT_WEEK = LIST_WEEK + timedelta(weeks=1)
NEW = "ba9876543210"
HISTORY = ("target_accounts", "account_facts")
MANNERS = pytest.mark.parametrize("manner", [KilledAt, FailingAt])
WEEKS = pytest.mark.parametrize("week", [LIST_WEEK, NEXT_WEEK], ids=["same week", "next week"])


@dataclass(frozen=True)
class Case:
    """A home with a published list, another list to publish there, and a home where it was
    published undisturbed."""

    settings: Settings
    peaceful: Settings
    edition: Edition

    def attempt(self, settings: Settings, fault: Fault) -> Attempt:
        """Publish the other list in a process of its own."""
        return attempt(partial(publish_edition, settings, self.edition), settings.home, fault)

    def publish(self, settings: Settings) -> None:
        """Publish it in peace."""
        assert publish_edition(settings, self.edition).code == 0


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[date, Case]:
    """A second list of the same week, and one of the week after; each makes something to prune."""
    return {
        week: _case(tmp_path_factory.mktemp("published"), week) for week in (LIST_WEEK, NEXT_WEEK)
    }


@MANNERS
def test_a_version_that_dies_in_the_making_is_never_seen(
    cases: dict[date, Case], tmp_path: Path, manner: Callable[[int], Fault]
) -> None:
    """Each attempt begins with what the one before left, and dies one step later. Until the version
    has its name, everything stays as it was; then it is what an undisturbed one is."""
    case = cases[LIST_WEEK]
    settings = _copied(case.settings, tmp_path / "home")
    old = reached(settings)

    for step in count(1):
        ended = case.attempt(settings, manner(step))
        if ended.came_through:  # A library tried another way, and its file is as good.
            _assert_converged(settings, case)
            settings = _copied(case.settings, tmp_path / f"{step}")
            continue
        assert _died(ended, manner), (step, ended)
        assert reached(settings) == old
        if (settings.published / ".versions" / case.edition.publish_id).exists():
            break

    assert step > 10
    case.publish(settings)
    _assert_converged(settings, case)


@WEEKS
@MANNERS
def test_what_comes_after_the_making_leaves_old_or_new(
    cases: dict[date, Case], tmp_path: Path, manner: Callable[[int], Fault], week: date
) -> None:
    """From the finished version on, each attempt dies one step later: every link then leads to one
    whole version, old or new, whose history is there; and a rerun ends like an undisturbed one."""
    case = cases[week]
    ready = _ready(case, tmp_path / "ready")
    old, new = reached(ready), reached(case.peaceful)

    for step in count(1):
        settings = _copied(ready, tmp_path / f"{step}")
        ended = case.attempt(settings, manner(step))
        assert is_old_or_new(reached(settings), old, new)
        _assert_history_is_there(settings)
        if ended.came_through and ended.changes < step:
            break
        assert ended.came_through or _died(ended, manner), (step, ended)
        case.publish(settings)
        _assert_converged(settings, case)
        shutil.rmtree(settings.home)

    assert step > 10


def test_a_disk_that_fills_within_a_file_leaves_the_old_list(
    cases: dict[date, Case], tmp_path: Path
) -> None:
    """No file may pass a limit, whoever writes it, and the limit doubles until a publication
    comes through: until then each ends with one clear line, and everything stays as it was."""
    case = cases[LIST_WEEK]
    settings = _copied(case.settings, tmp_path / "home")
    old = reached(settings)

    refusals = 0
    for limit in (2**power for power in range(6, 40)):
        ended = case.attempt(settings, FileLimit(limit))
        if ended.came_through:
            break
        assert ended.is_told, ended
        assert reached(settings) == old
        refusals += 1

    assert refusals > 5
    _assert_converged(settings, case)


def _case(folder: Path, week: date) -> Case:
    settings = settings_in(folder / "home")
    version = publish_week(settings)
    shutil.rmtree(settings.warehouse)
    for number in range(SUPERSEDED_KEPT + 1):
        _leave_version(settings, version, f"{LIST_WEEK}-{number:012}")
    for back in range(1, WEEKS_KEPT):
        earlier = LIST_WEEK - timedelta(weeks=back)
        publish_id = f"{earlier}-{NEW}"
        _leave_version(settings, version, publish_id)
        (settings.published / f"{earlier}").symlink_to(f".versions/{publish_id}")
    publish_id = f"{week}-{NEW}"
    warehouse = build_warehouse(folder / "new" / FILE_NAME, list_week=week, publish_id=publish_id)
    peaceful = _copied(settings, folder / "peaceful")
    case = Case(settings, peaceful, edition(settings, week, publish_id, warehouse=warehouse))
    case.publish(peaceful)
    return case


def _leave_version(settings: Settings, version: Path, publish_id: str) -> None:
    """Another version, as old as that one and of a few of its files, with its history."""
    folder = version.with_name(publish_id)
    folder.mkdir()
    for name in ("manifest.json", "changes.csv"):
        shutil.copyfile(version / name, folder / name)
    shutil.copystat(version, folder)
    for kind in HISTORY:
        history = settings.history / kind
        shutil.copyfile(history / f"{version.name}.parquet", history / f"{publish_id}.parquet")


def _ready(case: Case, folder: Path) -> Settings:
    """A copy of the home in which the new version is finished, but nothing knows of it."""
    settings = _copied(case.settings, folder)
    made = Path("published") / ".versions" / case.edition.publish_id
    shutil.copytree(case.peaceful.home / made, settings.home / made)
    return settings


def _copied(settings: Settings, folder: Path) -> Settings:
    shutil.copytree(settings.home, folder, symlinks=True)
    return settings_in(folder)


def _died(ended: Attempt, manner: Callable[[int], Fault]) -> bool:
    """Whether it ended as the fault makes it end: killed, or with one clear line."""
    return ended.code == KILLED if manner is KilledAt else ended.is_told


def _assert_history_is_there(settings: Settings) -> None:
    """History is read for what links name, so it has to be there first."""
    for publish_id in linked_versions(settings.published).values():
        for kind in HISTORY:
            assert (settings.history / kind / f"{publish_id}.parquet").exists()


def _assert_converged(settings: Settings, case: Case) -> None:
    """Everything is as after an undisturbed publication, and no name more is left."""
    assert repeatable(reached(settings)) == repeatable(reached(case.peaceful))
    assert names(settings, "published", "history") == names(case.peaceful, "published", "history")
