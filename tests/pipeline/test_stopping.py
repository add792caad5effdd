"""A run that somebody stops, or whose worker is killed, says so in one line and leaves nobody at
work."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.market import Market
from tests.support.processes import are_gone, children, watched
from tests.support.runs import fingerprint, prospects, start_prospects


def test_ctrl_c_ends_a_run_and_all_that_works_for_it(market: Market) -> None:
    """It reaches every process of the terminal: exit 1, one line, and not a byte of what is
    published changed."""
    before = fingerprint(market.settings.published)
    with _about_to_build_marts(market) as run:
        started = watched(children(run.pid))
        os.killpg(run.pid, signal.SIGINT)
        line = _last_line(run)

    assert run.returncode == 1
    assert line.startswith("prospects: stopped; ")
    assert len(started) > 0
    assert are_gone(started)
    assert fingerprint(market.settings.published) == before


def test_a_worker_that_is_killed_ends_the_run(market: Market) -> None:
    """As a system does that has no memory left: one line that says so, and the next run is none
    the worse."""
    before = fingerprint(market.settings.published)
    with _about_to_build_marts(market) as run:
        (worker,) = (pid for pid in children(run.pid) if _is_worker(pid))
        os.kill(worker, signal.SIGKILL)
        line = _last_line(run)

    assert run.returncode == 1
    assert "(exit code -9; " in line
    assert fingerprint(market.settings.published) == before
    assert prospects(market.settings, "run", "--no-fetch").code == 0


@contextmanager
def _about_to_build_marts(market: Market) -> Iterator[subprocess.Popen[str]]:
    """A run that has just resolved identities."""
    with start_prospects(market.settings, "run", "--no-fetch") as run:
        assert run.stdout is not None
        assert any(line.endswith("  identity\n") for line in run.stdout)
        yield run


def _last_line(run: subprocess.Popen[str]) -> str:
    """What the run says in the end, behind the step that failed and nothing else."""
    assert run.stdout is not None
    *steps, line = run.stdout.readlines()
    assert [step.split() for step in steps] in ([], [["failed", "marts"]])
    return line


def _is_worker(pid: int) -> bool:
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
