"""Every single write of a whole run fails, one after the other: half an hour, so a benchmark.

The suite holds samples of it: each write of a landing and of a publication (beside this), and each
kind of place of a run (`tests/pipeline/test_dying_runs.py`).

    python -m pytest -m benchmark tests/faults/test_every_write.py
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from ingest.settings import Settings, latest_monday
from tests.support import market as files
from tests.support.attempts import Attempt, FailingAt, Fault, attempt
from tests.support.crash import run_without_history
from tests.support.market import Market, make_market
from tests.support.reached import is_old_or_new, is_proved, reached, repeatable

RERUN_EVERY = 10
# A run may make a few changes more than another: libraries have scratch files of their own.
SPARE = 10


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """A market with a published list, whose next run makes another list of the week."""
    week = latest_monday(datetime.now(UTC).date())
    market = make_market(tmp_path_factory.mktemp("ready") / "market", week)
    assert _run(market.settings).came_through
    files.resize(market, "headcount", 901)
    return market


@pytest.mark.benchmark
def test_any_write_of_a_run_that_fails_leaves_old_or_new(ready: Market, tmp_path: Path) -> None:
    """For n = 1, 2, … until a run makes fewer writes: one line, and each link leads to one whole
    version, the old or the new one; after every tenth a plain rerun publishes the new one."""
    peaceful = _copied(ready, tmp_path / "peaceful")
    old, undisturbed = reached(peaceful), _run(peaceful)
    new = reached(peaceful)
    assert undisturbed.came_through

    def failing_at(number: int) -> Attempt:
        settings = _copied(ready, tmp_path / f"{number}")
        ended = _run(settings, FailingAt(number))
        assert ended.is_told or ended.came_through, (number, ended)
        assert is_old_or_new(reached(settings), old, new), number
        assert is_proved(settings), number
        if number % RERUN_EVERY == 0:
            assert _run(settings).came_through, number
            assert repeatable(reached(settings)) == repeatable(new), number
        shutil.rmtree(settings.home.parent)
        return ended

    numbers = range(1, undisturbed.changes + SPARE)
    with ThreadPoolExecutor(2) as beside:
        endings = list(beside.map(failing_at, numbers))

    told = sum(ending.is_told for ending in endings)
    print(f"\n{len(endings)} runs, each failing at another write: {told} told so in one line")
    assert endings[-1].came_through
    assert told > len(endings) / 2


def _copied(market: Market, folder: Path) -> Settings:
    shutil.copytree(market.folder, folder, symlinks=True)
    return Market(folder).settings


def _run(settings: Settings, fault: Fault | None = None) -> Attempt:
    return attempt(partial(run_without_history, settings), settings.home, fault)
