"""The whole weekly job on a market's drops, run by this process, with what each step took.

    python -m tests.benchmarks.weekly FOLDER WEEK

Prints a line of JSON: seconds, and the peak of memory (resident, in MB, the worker's with it) of
each step.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date
from pathlib import Path

from ingest.settings import Settings
from orchestration.weekly_run import Progress, load_job, run_week
from tests.benchmarks.memory import Watch

MEMORY_LIMIT = os.environ.get("PROSPECT_MEMORY_LIMIT", "2GB")
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
    began = time.perf_counter()
    job = load_job(settings)
    loaded = time.perf_counter()
    with Watch() as memory:

        def report(progress: Progress) -> None:
            seconds = round(progress.seconds, 3)
            steps[progress.step] = {"seconds": seconds, "peak_mb": memory.taken_mb()}

        run_week(settings, job, week, report)
    ended = time.perf_counter()
    print(
        json.dumps(
            {"load": round(loaded - began, 3), "run": round(ended - loaded, 3), "steps": steps}
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), date.fromisoformat(sys.argv[2]))
