"""Two runs exclude each other, and a run that died excludes nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.settings import PROJECT
from tests.support.market import Market, make_market
from tests.support.runs import Ending, environment, prospects

HELD_WEEK = date(2025, 6, 2)
HOLDER = f"""
import sys
from datetime import date
from ingest.settings import Settings
from orchestration.run_lock import run_lock

with run_lock(Settings.from_environment(), date.fromisoformat("{HELD_WEEK}")):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def market(tmp_path: Path, running_week: date) -> Market:
    """A market whose runs fail at the first required source, so that they end soon."""
    market = make_market(tmp_path / "market", running_week)
    market.drop("do_not_contact").unlink()
    return market


@pytest.fixture
def holder(market: Market) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of the market's home."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=PROJECT,
        env=environment(market.settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_run_names_the_first(market: Market, holder: subprocess.Popen[str]) -> None:
    """It exits 1 with one line that says which process holds the home, and for which week."""
    ending = prospects(market.settings, "run")
    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert f"pid {holder.pid}" in line
    assert f"week {HELD_WEEK}" in line


def test_the_second_run_touches_nothing(market: Market, holder: subprocess.Popen[str]) -> None:
    """It doesn't fetch, and doesn't write over what the first says of itself."""
    prospects(market.settings, "run")
    assert not market.settings.landing.exists()
    assert market.settings.lock.read_text() == f"pid {holder.pid}, week {HELD_WEEK}\n"


def test_a_killed_holder_leaves_nothing_that_stops_the_next(
    market: Market, holder: subprocess.Popen[str]
) -> None:
    """The lock is the operating system's: after kill -9 the next run gets on to its sources."""
    holder.kill()
    holder.wait()
    ending = prospects(market.settings, "run")
    assert _reached_the_sources(ending)


def _reached_the_sources(ending: Ending) -> bool:
    return ending.code == 1 and "source do_not_contact" in ending.err
