"""Holds the pipeline's speed to what it was: ratios at 100,000 companies against a baseline.

    python -m tests.benchmarks.check [--renew]

Fails when a ratio has grown by more than a third over the committed one, three times in a row,
since a busy machine can spoil a measurement. `--renew` writes the baseline anew, to be committed
with the change that moved it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from tests.benchmarks.measuring import measured

BASELINE = Path(__file__).with_name("baseline.json")
COMPANIES = 100_000
MOST_GROWTH = 4 / 3
TRIES = 3


def main() -> None:
    """Measure, compare, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.check")
    parser.add_argument("--renew", action="store_true", help="write the baseline anew")
    if parser.parse_args().renew:
        BASELINE.write_text(f"{json.dumps(_ratios(), indent=1)}\n")
        return
    baseline: dict[str, float] = json.loads(BASELINE.read_text())
    for _ in range(TRIES):
        grown = grown_ratios(baseline, _ratios())
        if not grown:
            return
    raise SystemExit(f"slower than the baseline: {'; '.join(grown)}")


def grown_ratios(baseline: dict[str, float], found: dict[str, float]) -> list[str]:
    """What has grown by more than a third, in words."""
    return [
        f"{name}: expected at most {was * MOST_GROWTH:.1f}, a third over {was}, found {found[name]}"
        for name, was in baseline.items()
        if found[name] > was * MOST_GROWTH
    ]


def _ratios() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        ratios: dict[str, float] = measured(COMPANIES, Path(work), peers_asked=())["ratios"]
    print(", ".join(f"{name} {ratio}" for name, ratio in ratios.items()), flush=True)
    return ratios


if __name__ == "__main__":
    main()
