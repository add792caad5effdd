"""Only one run at a time works on a PROSPECT_HOME.

The lock is the operating system's: it is held by the process, and gone with it, however it ends.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.preflight import unwritable


class RunLocked(ProspectError):
    """Another run holds the lock; names its pid and week."""

    def __init__(self, lock: str, holder: str) -> None:
        self.holder = holder
        super().__init__(
            f"another run holds {lock} ({holder}); wait for it to end, or stop that process"
        )

    def is_for(self, week: date) -> bool:
        """Whether the run that holds it makes the list of this week."""
        return self.holder.endswith(f"week {week}")


@contextmanager
def run_lock(settings: Settings, week: date) -> Iterator[None]:
    """Hold run.lock with our pid and week in it.

    Raises RunLocked when another process does, ProspectError where it can't be written.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        # Opened without truncation: what the holder wrote must stay readable to those who wait.
        descriptor = os.open(settings.lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ProspectError(unwritable(settings.lock, error)) from None
    try:
        _take(descriptor, settings)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()}, week {week}\n".encode(), 0)
        try:
            # What a run that was killed left there may hold people's data.
            shutil.rmtree(settings.scratch, ignore_errors=True)
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def is_locked(settings: Settings) -> bool:
    """Whether a run holds the lock. It is asked by taking a share of it for a moment."""
    try:
        descriptor = os.open(settings.lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(descriptor: int, settings: Settings) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "unknown"
        raise RunLocked(settings.lock.name, holder) from None
