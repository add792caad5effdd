"""The peak of resident memory of a process and of those it started, as Linux counts it."""

from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import children

PROC = Path("/proc")


def peak_mb() -> float:
    """The high-water marks since the processes began, or since they were last forgotten, in all:
    each process has its own, so this is what they can have held together at most."""
    return round(sum(map(_peak_kb, _family("self"))) / 1024, 1)


def forget_peak() -> None:
    """Count anew from here."""
    for process in _family("self"):
        (PROC / process / "clear_refs").write_text("5")


def _family(process: str) -> Iterator[str]:
    yield process
    for child in children(process):
        yield from _family(f"{child}")


def _peak_kb(process: str) -> int:
    status = (PROC / process / "status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])
