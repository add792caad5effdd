"""Processes that a test looks at from outside: who started whom, and who is gone."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PATIENCE = 60_000
"""Milliseconds until a process that should be gone counts as one that stays."""


def children(pid: int) -> list[int]:
    """The processes that the threads of a process have started and that still run."""
    return [child for task in Path(f"/proc/{pid}/task").iterdir() for child in _of(task)]


def _of(task: Path) -> list[int]:
    # A thread can end while it is looked at.
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in (task / "children").read_text().split()]
    return []


def watched(pids: Iterable[int]) -> dict[int, int]:
    """A file per process that becomes readable when the process is gone."""
    return {pid: os.pidfd_open(pid) for pid in pids}


def are_gone(watched_pids: dict[int, int]) -> bool:
    """Whether all of them end, waited for as long as patience lasts."""
    return all(_is_gone(file) for file in watched_pids.values())


def _is_gone(file: int) -> bool:
    poll = select.poll()
    poll.register(file, select.POLLIN)
    try:
        return bool(poll.poll(PATIENCE))
    finally:
        os.close(file)
