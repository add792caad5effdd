"""Measures the weekly job on markets in bulk, beside a reference and two peers, in one run.

    python -m tests.benchmarks [--work FOLDER] [--result JSON] COMPANIES...

Written are seconds, memory and ratios as JSON; only ratios of one run say anything, since machines
are noisy.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path

from tests.benchmarks.measuring import PEERS, WEEK, Result, machine, measured, memory_limit, told

MOST_FOR_PEERS = 1_000_000
"""Peers hold all rows in memory; at more the machine might not."""


def _exponents(results: list[Result]) -> dict[str, float]:
    """The power of the rows by which seconds grow from the smallest market to the largest."""
    first, last = results[0], results[-1]
    growth = math.log(sum(last["rows"].values()) / sum(first["rows"].values()))
    return {
        name: round(math.log(last["seconds"][name] / first["seconds"][name]) / growth, 2)
        for name in first["seconds"]
        if first["seconds"][name] > 0
    }


def main() -> None:
    """Measure the sizes asked for, smallest first."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("companies", type=int, nargs="+")
    parser.add_argument("--identity", type=int, help="and identity alone, of so many companies")
    parser.add_argument("--work", type=Path, help="a folder to keep; default: a temporary one")
    parser.add_argument("--result", type=Path, help="where the JSON goes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        work = (given.work or Path(scratch)).resolve()
        results = [
            measured(companies, work, PEERS if companies <= MOST_FOR_PEERS else ())
            | {
                "evidence": told(
                    "evidence",
                    work / f"{companies}",
                    WEEK,
                    memory_limit=memory_limit(companies),
                )
            }
            for companies in sorted(given.companies)
        ]
        found: Result = {"machine": machine(), "sizes": results}
        if given.identity:
            found["identity"] = told("identity", work / "identity", given.identity)
    if len(results) > 1:
        found["exponents"] = _exponents(results)
    text = json.dumps(found, indent=1)
    if given.result:
        given.result.write_text(f"{text}\n")
    print(text)


if __name__ == "__main__":
    main()
