"""The whole weekly job on a market's drops, in this process, with what each step took.

    python -m tests.benchmarks.weekly FOLDER WEEK

Prints a line of JSON: seconds, and the peak of memory (resident, in MB) of each step.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

from ingest.settings import Settings
from orchestration.weekly_run import Progress, load_job, run_week

MEMORY_LIMIT = "4GB"
"""Of a database, as the reference's."""


def settings_of(folder: Path) -> Settings:
    """The documents of a measured market and the home beside them."""
    week = date(2026, 1, 5)
    return Settings(
        folder / "home",
        folder / "sources.yml",
        folder / "perfect_customer.yml",
        week,
        memory_limit=MEMORY_LIMIT,
    )


def main(folder: Path, week: date) -> None:
    """Run the week and print what its steps took."""
    settings = settings_of(folder)
    steps: dict[str, dict[str, float]] = {}

    def report(progress: Progress) -> None:
        steps[progress.step] = {"seconds": round(progress.seconds, 3), "peak_mb": peak_mb()}
        forget_peak()

    began = time.perf_counter()
    job = load_job(settings)
    loaded = time.perf_counter()
    forget_peak()
    run_week(settings, job, week, report)
    ended = time.perf_counter()
    print(
        json.dumps(
            {"load": round(loaded - began, 3), "run": round(ended - loaded, 3), "steps": steps}
        )
    )


def peak_mb() -> float:
    """The high-water mark of resident memory since it was last forgotten."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


def forget_peak() -> None:
    """Let the high-water mark begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), date.fromisoformat(sys.argv[2]))
