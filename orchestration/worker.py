"""The process beside a run, in which dbt builds and Great Expectations checks.

Both are seconds of Python, to import and to work, and so is what Dagster keeps of them: apart they
have a processor each, and Dagster tells of a model while the next one is built. The process is
started once and asked again and again, and never outlives the run, however that ends.

What belongs here: starting it, asking it and ending it. What doesn't: how dbt is run (`dbt.py`),
and how a check is made (`expectations/runner.py`).
"""

import atexit
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from expectations.checks import Check
from expectations.results import Finding, Suite
from ingest.errors import ProspectError
from ingest.settings import Settings

if TYPE_CHECKING:
    from orchestration.dbt import Built

# A fork would take over locks that threads of Polars, DuckDB and Dagster happen to hold.
PROCESSES: Any = multiprocessing.get_context("spawn")
SECONDS_TO_END = 5

Say = Callable[[Any], None]


@dataclass(frozen=True)
class _Ended:
    """The last message about a piece of work, with the error that ended it if one did."""

    error: BaseException | None


@dataclass(frozen=True)
class _Process:
    process: BaseProcess
    pipe: Connection


class Worker:
    """One process at a time, which does one piece of work at a time.

    Whoever asks while none is there starts one. It is ended where work is left before its end, and
    with this process.
    """

    def __init__(self) -> None:
        self._running: _Process | None = None

    def start(self) -> None:
        """Have a process make itself ready, beside what is done here until it is asked."""
        self._started()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        running, self._running = self._running, None
        if running is None:
            return
        running.process.terminate()
        running.process.join(SECONDS_TO_END)
        running.process.kill()
        running.process.join()
        running.pipe.close()

    def build(
        self,
        settings: Settings,
        database: Path,
        dbt_vars: Mapping[str, Any],
        selection: Sequence[str],
        threads: int,
    ) -> Iterator["Built"]:
        """What `dbt.build` says, as it says it; raises what it raises."""
        return self._said(_build, settings, database, dbt_vars, selection, threads)

    def check(
        self, database: Path, suite: Suite, checks: Sequence[Check], config: Mapping[str, str]
    ) -> list[Finding]:
        """What `runner.run_checks` finds."""
        return list(self._said(_check, database, suite, checks, config))

    def _said(self, work: Callable[..., None], *arguments: object) -> Iterator[Any]:
        """What `work(say, *arguments)` says there; raises what it raises, and ProspectError where
        the process ends before its work does."""
        running = self._started()
        ended = None
        try:
            running.pipe.send((work, arguments))
            while not isinstance(said := running.pipe.recv(), _Ended):
                yield said
            ended = said
        except (EOFError, ConnectionError) as error:
            raise ProspectError(_death(running.process)) from error
        finally:
            if ended is None:
                self.stop()
        if ended.error:
            raise ended.error

    def _started(self) -> _Process:
        if self._running is None:
            ours, theirs = PROCESSES.Pipe()
            process = PROCESSES.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._running = _Process(process, ours)
        return self._running


@cache
def worker() -> Worker:
    """That of this process."""
    return Worker()


def _death(process: BaseProcess) -> str:
    process.join(SECONDS_TO_END)
    return (
        f"the process in which dbt and the checks work ended too early (exit code "
        f"{process.exitcode}; -9 is a kill, most often by a system that has no memory left: free "
        "some, or let databases hold less with PROSPECT_MEMORY_LIMIT)"
    )


def _serve(pipe: Connection) -> None:
    """Work as asked, until nobody can ask any more."""
    # Ctrl-C reaches every process of a terminal; the run is what it is meant for.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    # To take apart all that was imported would take longer than a run's last step.
    atexit.register(os._exit, 0)
    Thread(target=_end_with_the_run, daemon=True).start()
    _make_ready()
    with suppress(EOFError):
        while True:
            work, arguments = pipe.recv()
            pipe.send(_Ended(_error_of(work, _speaking(pipe), arguments)))


def _end_with_the_run() -> None:
    """Where the run is killed, nobody may go on writing to its warehouse."""
    run = multiprocessing.parent_process()
    assert run is not None
    run.join()
    os._exit(1)


def _make_ready() -> None:
    """Import what work needs, and read what dbt reads before each."""
    import expectations.runner  # noqa: F401
    from orchestration.dbt import warm_up

    warm_up()


def _speaking(pipe: Connection) -> Say:
    """Say for the threads of a piece of work, one at a time."""
    lock = Lock()

    def say(content: object) -> None:
        with lock:
            pipe.send(content)

    return say


def _error_of(
    work: Callable[..., None], say: Say, arguments: Sequence[object]
) -> BaseException | None:
    """What the work raises, as it can be sent, with the place where it was raised."""
    try:
        work(say, *arguments)
    except Exception as error:
        error.add_note("".join(traceback.format_exception(error)))
        return error
    return None


def _build(
    say: Say,
    settings: Settings,
    database: Path,
    dbt_vars: Mapping[str, Any],
    selection: Sequence[str],
    threads: int,
) -> None:
    from orchestration.dbt import build

    build(settings, database, dbt_vars, selection, threads, say)


def _check(
    say: Say, database: Path, suite: Suite, checks: Sequence[Check], config: Mapping[str, str]
) -> None:
    from expectations.runner import run_checks

    for finding in run_checks(database, suite, checks, config):
        say(finding)
