"""What a benchmark says of memory is what the processes hold."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.memory import Watch, held_mb

HOLDER = "held = bytearray(200 * 2**20); print('held', flush=True); input()"


def test_what_another_process_holds_counts() -> None:
    """Of a process that this one started, for as long as it runs."""
    command = [sys.executable, "-c", HOLDER]
    before = held_mb()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        during = held_mb()
        holder.communicate("\n")

    assert during - before > 200
    assert during - held_mb() > 200


def test_a_peak_that_was_taken_is_forgotten() -> None:
    """The next one is that of what came after."""
    with Watch() as memory:
        held = bytearray(200 * 2**20)
        first = memory.taken_mb()
        del held
        memory.taken_mb()
        last = memory.taken_mb()

    assert first - last > 150
