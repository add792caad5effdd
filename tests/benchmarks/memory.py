"""Peaks of resident memory, as Linux counts it: of a process, and of a process with its workers."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, Lock, Thread

from tests.support.processes import children

PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")
LOOKS_A_SECOND = 20


def peak_mb() -> float:
    """The high-water mark since the process began, or since it was last forgotten."""
    status = (PROC / "self" / "status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


def forget_peak() -> None:
    """Count anew from here."""
    (PROC / "self" / "clear_refs").write_text("5")


def held_mb() -> float:
    """What this process and those it started hold now; what they share counts for each."""
    here = os.getpid()
    return sum(map(_resident, (here, *children(here)))) / 2**20


class Watch:
    """The most that this process and those it started held at one time, looked at again and again;
    what they share counts for each.

    What only this process held between two looks is not missed: of that Linux keeps the mark.
    """

    def __init__(self) -> None:
        self._seen = 0.0
        self._lock = Lock()
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        forget_peak()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def taken_mb(self) -> float:
        """The peak since the last that was taken."""
        with self._lock:
            peak = max(self._seen, peak_mb())
            self._seen = 0.0
            forget_peak()
        return round(peak, 1)

    def _look(self) -> None:
        while not self._over.wait(1 / LOOKS_A_SECOND):
            with self._lock:
                self._seen = max(self._seen, held_mb())


def _resident(pid: int) -> int:
    """Bytes; none of a process that is gone."""
    try:
        return int((PROC / f"{pid}" / "statm").read_text().split()[1]) * PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0
