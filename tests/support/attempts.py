"""Attempts at something, each in a process of its own, that die or fail where the test says.

The processes are forks of a server that has imported everything (`warm.py`), so that an attempt
pays for its own work alone. Here belong the ways to fail; what is attempted, and what must hold
afterwards, is the tests'.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from multiprocessing.connection import Connection
from pathlib import Path

from orchestration import worker
from tests.support.runs import Ending

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.support.warm"])
KILLED = -signal.SIGKILL

# Audit events by the place of the changed path among their arguments.
_TAKES_SPACE = {"os.mkdir": 0, "os.rename": 1, "os.symlink": 1, "shutil.copyfile": 1}
_REMOVES = {"os.remove": 0, "os.rmdir": 0}
_WRITES = os.O_WRONLY | os.O_RDWR


class Fault:
    """No fault: what the others are variations of."""

    def start(self) -> None:
        """Called in the process of the attempt before its work."""

    def change(self, number: int, path: str, *, takes_space: bool) -> None:
        """Called before the n-th change to the file system; `path` is relative to the home."""


@dataclass
class KilledAfter(Fault):
    """`kill -9`, wherever the process is when it has used so many seconds of processor time."""

    seconds: float

    def start(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
        threading.Thread(target=self._die, daemon=True).start()
        signal.setitimer(signal.ITIMER_PROF, self.seconds)

    def _die(self) -> None:
        signal.sigwait({signal.SIGPROF})
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class KilledAt(Fault):
    """`kill -9` in place of the n-th change."""

    number: int

    def change(self, number: int, path: str, *, takes_space: bool) -> None:
        if number == self.number:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class FailingAt(Fault):
    """The n-th change fails, as on a full disk; those after it succeed."""

    number: int

    def change(self, number: int, path: str, *, takes_space: bool) -> None:
        if number == self.number:
            raise _no_space(path)


@dataclass
class FullFrom(Fault):
    """From the first change at a place on, the disk is full, and stays so."""

    place: str
    is_full: bool = False

    def change(self, number: int, path: str, *, takes_space: bool) -> None:
        self.is_full |= fnmatch(path, self.place)
        if self.is_full and takes_space:
            raise _no_space(path)


@dataclass
class FileLimit(Fault):
    """No file can grow beyond so many bytes, whoever writes it: Python, DuckDB, Polars, SQLite."""

    size: int

    def start(self) -> None:
        # Python ignores SIGXFSZ, so that the write fails with an error.
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.RLIM_INFINITY))


@dataclass(frozen=True)
class Attempt:
    """How an attempt ended: the exit code of its process, and unless it died what its work came to,
    the changes it made, and the processor time it took."""

    code: int
    ending: Ending | None = None
    changes: int = 0
    seconds: float = 0.0

    @property
    def came_through(self) -> bool:
        """Whether its work succeeded."""
        return self.ending is not None and self.ending.code == 0

    @property
    def is_told(self) -> bool:
        """Whether it failed with one clear line."""
        if self.ending is None or self.ending.code != 1:
            return False
        lines = self.ending.err.splitlines()
        return len(lines) == 1 and lines[0].startswith("prospects: ")


def attempt(work: Callable[[], Ending], home: Path, fault: Fault | None = None) -> Attempt:
    """Do the work in a process of its own, in which the fault strikes changes below the home."""
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_attempt, args=(theirs, work, home, fault or Fault()))
    process.start()
    theirs.close()
    try:
        ended = ours.recv()
    except EOFError:
        ended = ()
    process.join()
    return Attempt(process.exitcode or 0, *ended)


def _attempt(connection: Connection, work: Callable[[], Ending], home: Path, fault: Fault) -> None:
    # So that a worker has everything imported too, and meets what strikes by place or by size.
    worker.PROCESSES = multiprocessing.get_context("fork")
    started = time.process_time()
    numbers = _watch(home, fault)
    fault.start()
    ending = work()
    connection.send((ending, numbers[0], time.process_time() - started))


def _watch(home: Path, fault: Fault) -> list[int]:
    """Tell the fault of each change below the home, but for Dagster's; returns their count.

    Removing a folder with all that is in it counts as one, and a library's scratch files not at
    all: they come and go between two steps of ours.
    """
    numbers = [0]
    inside, dagster = f"{home}{os.sep}", f"{home / 'dagster'}"

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        place = _place(event, arguments)
        if place is None:
            return
        path = str(arguments[place])
        is_scratch = Path(path).name.startswith(tempfile.gettempprefix())
        if path.startswith(inside) and not path.startswith(dagster) and not is_scratch:
            numbers[0] += 1
            relative = path.removeprefix(inside)
            fault.change(numbers[0], relative, takes_space=event not in _REMOVES)

    sys.addaudithook(hook)
    return numbers


def _place(event: str, arguments: tuple[object, ...]) -> int | None:
    """Where in its arguments an event names the path that it changes; None when it changes none."""
    if event == "open":
        flags = arguments[2]
        return 0 if isinstance(flags, int) and flags & _WRITES else None
    return _TAKES_SPACE.get(event, _REMOVES.get(event))


def _no_space(path: str) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
