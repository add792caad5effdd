"""A whole run dies or fails anywhere on its way to another list, and readers never notice.

A home goes through many deaths, one after the other, so that every attempt is also the rerun of the
one before; after the last one a plain run has to end like one that nothing disturbed. These are
samples: a run is killed in each quarter, and of the writes of a run one of each kind fails. Every
single write of a landing and of a publication fails in `tests/faults`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import pytest

from ingest.settings import Settings
from orchestration.dbt import prepare_manifest
from tests.pipeline.conftest import Backfill
from tests.support import market as files
from tests.support.attempts import KILLED, Attempt, Fault, FileLimit, FullFrom, KilledAfter, attempt
from tests.support.crash import run, run_without_history
from tests.support.market import Market
from tests.support.reached import Reached, is_old_or_new, is_proved, names, reached, repeatable
from tests.support.runs import Ending

# Where a run writes to before it publishes; from the first such write on there is no space left.
PLACES = (
    "run.lock",
    "landing/*",
    "warehouse/*/inputs.json",
    "warehouse/*/arrivals.json",
    "warehouse/*/target/*",
)
# No batch can be as small; the log that DuckDB writes ahead of the warehouse can't.
NO_BATCH, NO_LOG = 2**12, 2**17

Work = Callable[[Settings], Ending]


@dataclass(frozen=True)
class Death:
    """How an attempt ended, what readers found after it, and whether it was as manifests say."""

    fault: Fault
    attempt: Attempt
    found: Reached
    is_proved: bool


@dataclass(frozen=True)
class Story:
    """What readers found at first, a home where another list was then published undisturbed, and
    one where attempts at it died: how, and how the plain run after them ended."""

    old: Reached
    peaceful: Settings
    suffering: Settings
    died: list[Death]
    rerun: Attempt

    def deaths(self, *kinds: type[Fault]) -> list[Death]:
        """The deaths by these kinds of fault."""
        return [death for death in self.died if isinstance(death.fault, kinds)]


@pytest.fixture(scope="module")
def story(backfill: Backfill, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """All deaths of one home, beside one in peace."""
    prepare_manifest()
    folder = tmp_path_factory.mktemp("dying")
    peaceful, suffering = (_home(backfill.market, folder / str(n)) for n in range(2))
    old = reached(peaceful)
    undisturbed = _attempt(run_without_history, peaceful)
    assert undisturbed.came_through, undisturbed
    faults = chain(_fillings(suffering), _kills(undisturbed))
    died = [_death(suffering, work, fault) for work, fault in faults]
    return Story(old, peaceful, suffering, died, _attempt(run_without_history, suffering))


def test_a_run_killed_in_any_quarter_leaves_the_old_or_the_new_list(story: Story) -> None:
    """After `kill -9` each link leads to one whole version, the old or the new one."""
    deaths = story.deaths(KilledAfter)
    codes = [death.attempt.code for death in deaths]

    assert codes.count(KILLED) > 2, codes
    assert set(codes) <= {KILLED, 0}
    assert [death.fault for death in deaths if not _is_whole(death, story)] == []


def test_a_run_without_space_to_write_says_so_and_leaves_the_old_list(story: Story) -> None:
    """Wherever the disk fills, it is one line on the terminal, and every byte that links lead to
    is as it was."""
    deaths = story.deaths(FullFrom, FileLimit)

    assert [(death.fault, death.attempt) for death in deaths if not death.attempt.is_told] == []
    assert [death.fault for death in deaths if death.found != story.old] == []


def test_a_plain_run_after_all_deaths_ends_like_an_undisturbed_one(story: Story) -> None:
    """It publishes the same bytes, and leaves no name that the other did not."""
    assert story.rerun.came_through, story.rerun
    assert is_proved(story.suffering)
    assert repeatable(reached(story.suffering)) == repeatable(reached(story.peaceful))
    for folder in ("published", "history", "landing"):
        assert names(story.suffering, folder) == names(story.peaceful, folder)


def _home(market: Market, folder: Path) -> Settings:
    """A copy of the market whose next run makes another list of the week."""
    shutil.copytree(market.folder, folder, symlinks=True)
    copy = Market(folder)
    files.resize(copy, "headcount", 901)
    return copy.settings


def _kills(undisturbed: Attempt) -> Iterator[tuple[Work, Fault]]:
    """In the middle of each quarter of the processor time that a run takes."""
    for eighth in range(1, 8, 2):
        yield run_without_history, KilledAfter(undisturbed.seconds * eighth / 8)


def _fillings(settings: Settings) -> Iterator[tuple[Work, Fault]]:
    """Python's writes by their place, everybody's by a size that no file can pass, and that of
    Dagster's history by the size which it has."""
    yield from ((run_without_history, FullFrom(place)) for place in PLACES)
    yield run_without_history, FileLimit(NO_BATCH)
    yield run_without_history, FileLimit(NO_LOG)
    history = settings.dagster / "history" / "runs" / "index.db"
    yield run, FileLimit(history.stat().st_size)


def _death(settings: Settings, work: Work, fault: Fault) -> Death:
    ended = _attempt(work, settings, fault)
    return Death(fault, ended, reached(settings), is_proved(settings))


def _attempt(work: Work, settings: Settings, fault: Fault | None = None) -> Attempt:
    return attempt(partial(work, settings), settings.home, fault)


def _is_whole(death: Death, story: Story) -> bool:
    new = reached(story.peaceful)
    return death.is_proved and is_old_or_new(death.found, story.old, new)
