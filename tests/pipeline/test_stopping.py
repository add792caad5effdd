"""A run that somebody stops, or whose other process dies, says so in one line and leaves nobody at
work."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from orchestration.assets import warehouse
from tests.support.market import Market
from tests.support.processes import are_gone, children, watched
from tests.support.runs import fingerprint, prospects, start_prospects


def test_ctrl_c_ends_a_run_and_all_that_works_for_it(market: Market) -> None:
    """While dbt builds: exit 1, the step, one line, and not a byte of what is published changed."""
    before = fingerprint(market.settings.published)
    with start_prospects(market.settings, "run", "--no-fetch") as run:
        assert run.stdout is not None
        assert any(line.endswith("  inputs\n") for line in run.stdout)
        started = watched(children(run.pid))
        run.send_signal(signal.SIGINT)
        *steps, line = run.stdout.readlines()

    assert run.returncode == 1
    assert [step.split() for step in steps] == [["failed", "records"]]
    assert line.startswith("prospects: stopped; ")
    assert len(started) > 0
    assert are_gone(started)
    assert fingerprint(market.settings.published) == before


def test_a_worker_that_is_killed_ends_the_run(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a system does that has no memory left: one line that says so, and the next run is none
    the worse."""
    before = fingerprint(market.settings.published)
    with monkeypatch.context() as patch:
        patch.setattr(warehouse, "dagster_events", _after_a_kill)
        ending = prospects(market.settings, "run", "--no-fetch")
    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert "(exit code -9; " in line
    assert fingerprint(market.settings.published) == before

    assert prospects(market.settings, "run", "--no-fetch").code == 0


def _after_a_kill(*_: Any) -> Iterator[Any]:
    """Every process that this one has started dies as soon as a first node is built."""
    for process in multiprocessing.active_children():
        process.kill()
    return iter(())
