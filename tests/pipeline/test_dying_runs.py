"""A whole run dies or fails anywhere on its way to another list, and readers never notice.

A home goes through many deaths, one after the other, so that every attempt is also the rerun of the
one before; after the last one a plain run has to end like one that nothing disturbed. These are
samples: every tenth of a run is killed, and of the writes of a run one of each kind fails. Every
single write of a landing and of a publication fails in `tests/faults`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
class Sufferer:
    """A home in which attempts died, and how the plain run after them ended."""

    settings: Settings
    deaths: list[Death]
    rerun: Attempt


@dataclass(frozen=True)
class Story:
    """What readers found at first, a home where another list was then published undisturbed, and
    two homes where attempts at it died."""

    old: Reached
    peaceful: Settings
    sufferers: tuple[Sufferer, Sufferer]

    def deaths(self, *kinds: type[Fault]) -> list[Death]:
        """The deaths by these kinds of fault."""
        deaths = [death for sufferer in self.sufferers for death in sufferer.deaths]
        return [death for death in deaths if isinstance(death.fault, kinds)]


@pytest.fixture(scope="module")
def story(backfill: Backfill, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Two homes at a time, since there are two processors."""
    prepare_manifest()
    folder = tmp_path_factory.mktemp("dying")
    peaceful, first, second = (_home(backfill.market, folder / str(n)) for n in range(3))
    old = reached(peaceful)
    with ThreadPoolExecutor(2) as beside:
        undisturbed = beside.submit(_attempt, run_without_history, peaceful)
        early = chain(_fillings(first), _kills(undisturbed, range(1, 7)))
        late = _kills(undisturbed, range(7, 10))
        suffering = beside.submit(_suffer, first, early), beside.submit(_suffer, second, late)
    return Story(old, peaceful, (suffering[0].result(), suffering[1].result()))


def test_a_run_killed_at_any_tenth_leaves_the_old_or_the_new_list(story: Story) -> None:
    """After `kill -9` each link leads to one whole version, the old or the new one."""
    deaths = story.deaths(KilledAfter)
    codes = [death.attempt.code for death in deaths]

    assert codes.count(KILLED) > 5, codes
    assert set(codes) <= {KILLED, 0}
    assert [death.fault for death in deaths if not _is_whole(death, story)] == []


def test_a_run_without_space_to_write_says_so_and_leaves_the_old_list(story: Story) -> None:
    """Wherever the disk fills, it is one line on the terminal, and every byte that links lead to
    is as it was."""
    deaths = story.deaths(FullFrom, FileLimit)

    assert [(death.fault, death.attempt) for death in deaths if not death.attempt.is_told] == []
    assert [death.fault for death in deaths if death.found != story.old] == []


@pytest.mark.parametrize("number", [0, 1])
def test_a_plain_run_after_all_deaths_ends_like_an_undisturbed_one(
    story: Story, number: int
) -> None:
    """It publishes the same bytes, and leaves no name that the other did not."""
    sufferer = story.sufferers[number]

    assert sufferer.rerun.came_through, sufferer.rerun
    assert is_proved(sufferer.settings)
    assert repeatable(reached(sufferer.settings)) == repeatable(reached(story.peaceful))
    for folder in ("published", "history", "landing"):
        assert names(sufferer.settings, folder) == names(story.peaceful, folder)


def _home(market: Market, folder: Path) -> Settings:
    """A copy of the market whose next run makes another list of the week."""
    shutil.copytree(market.folder, folder, symlinks=True)
    copy = Market(folder)
    files.resize(copy, "headcount", 901)
    return copy.settings


def _kills(undisturbed: Future[Attempt], tenths: range) -> Iterator[tuple[Work, Fault]]:
    """At tenths of the processor time that a run takes."""
    ended = undisturbed.result()
    assert ended.came_through, ended
    for tenth in tenths:
        yield run_without_history, KilledAfter(ended.seconds * tenth / 10)


def _fillings(settings: Settings) -> Iterator[tuple[Work, Fault]]:
    """Python's writes by their place, everybody's by a size that no file can pass, and that of
    Dagster's history by the size which it has."""
    yield from ((run_without_history, FullFrom(place)) for place in PLACES)
    yield run_without_history, FileLimit(NO_BATCH)
    yield run_without_history, FileLimit(NO_LOG)
    history = settings.dagster / "history" / "runs" / "index.db"
    yield run, FileLimit(history.stat().st_size)


def _suffer(settings: Settings, faults: Iterable[tuple[Work, Fault]]) -> Sufferer:
    deaths = []
    for work, fault in faults:
        ended = _attempt(work, settings, fault)
        deaths.append(Death(fault, ended, reached(settings), is_proved(settings)))
    return Sufferer(settings, deaths, _attempt(run_without_history, settings))


def _attempt(work: Work, settings: Settings, fault: Fault | None = None) -> Attempt:
    return attempt(partial(work, settings), settings.home, fault)


def _is_whole(death: Death, story: Story) -> bool:
    new = reached(story.peaceful)
    return death.is_proved and is_old_or_new(death.found, story.old, new)
