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
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize
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
# Who is killed leaves semaphores of dbt's, which are cleared away: nobody need be warned.
os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")

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

    Whoever asks while none is there starts one. It ends with this process.
    """

    def __init__(self) -> None:
        self._running: _Process | None = None
        self._work: object | None = None
        # Sooner than multiprocessing would wait for it, without an end.
        Finalize(None, self.stop, exitpriority=0)

    def start(self) -> None:
        """Have a process make itself ready, beside what is done here until it is asked."""
        self._started()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        if self._running is None:
            return
        process = self._running.process
        try:
            process.terminate()
            process.join(SECONDS_TO_END)
        finally:
            process.kill()
            process.join()
            self._running.pipe.close()
            self._running = self._work = None

    def abandon(self) -> None:
        """End the process where it works for somebody who does not listen any more."""
        if self._work:
            self.stop()

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
        self.abandon()
        running = self._started()
        asked = self._work = (work, arguments)
        try:
            running.pipe.send(asked)
            while not isinstance(said := running.pipe.recv(), _Ended):
                yield said
            self._work = None
        except (EOFError, ConnectionError) as error:
            raise ProspectError(_death(running.process)) from error
        finally:
            if self._work is asked:
                self.stop()
        if said.error:
            raise said.error

    def _started(self) -> _Process:
        if self._running is None:
            ours, theirs = PROCESSES.Pipe()
            process = PROCESSES.Process(target=_serve, args=(theirs,), daemon=True)
            with _without_ctrl_c():
                process.start()
            theirs.close()
            self._running = _Process(process, ours)
        return self._running


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """What is started in this block never hears of Ctrl-C, which reaches every process of a
    terminal: whether it ends is for the run to say. The run hears of it after the block."""
    # Else it would be started in the block, and let Ctrl-C through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    Thread(target=_end_with_the_run, daemon=True).start()
    with suppress(EOFError, SystemExit):
        # What fails here fails again, and is told, when it is asked for.
        with suppress(Exception):
            _make_ready()
        while True:
            work, arguments = pipe.recv()
            pipe.send(_Ended(_error_of(work, _speaking(pipe), arguments)))
    # To take apart all that was imported takes longer than the run has left.
    atexit.register(os._exit, 0)


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
    """What a piece of work says things with, from whichever of its threads."""
    lock = Lock()

    def say(content: object) -> None:
        with lock:
            pipe.send(content)

    return say


def _error_of(
    work: Callable[..., None], say: Say, arguments: Sequence[object]
) -> BaseException | None:
    """What the work raises, with the place where it was raised."""
    try:
        work(say, *arguments)
    except Exception as error:
        portable = _portable(error)
        portable.add_note("".join(traceback.format_exception(error)))
        return portable
    return None


def _portable(error: Exception) -> Exception:
    """The error, or where it can't be sent one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - nobody else's
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


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
