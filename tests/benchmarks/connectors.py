"""Measures the connectors that read files in bulk, each beside plain DuckDB on the same files.

    python -m tests.benchmarks.connectors [--result JSON] [--only NAME,NAME] ROWS

Each program has a process of its own, one after the other. Written are, per source, rows a second
and peak memory of both, and the ratio of their seconds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML

from tests.benchmarks.bulk_files import BULK_FILES
from tests.benchmarks.measuring import Result, machine, told

WEEK = date(2026, 11, 23)


def measured(name: str, rows: int, work: Path) -> Result:
    """One source at so many rows: what its connector took, and plain DuckDB for the same files."""
    bulk = BULK_FILES[name]
    folder = work / name
    drops = folder / "drops"
    drops.mkdir(parents=True)
    written = bulk.write(drops, max(round(rows * bulk.share), 1))
    with (folder / "sources.yml").open("w") as file:
        YAML().dump({"sources": {name: bulk.entry}}, file)
    size = sum(path.stat().st_size for path in drops.iterdir())
    plain = told("plain_landing", folder, folder / "plain")
    ours = told("landing", folder, WEEK)
    return {
        "rows": written,
        "megabytes": round(size / 1e6),
        "landed": ours["landed"],
        "rejects": ours["rejects"],
        "seconds": {"connector": ours["seconds"], "plain DuckDB": plain["seconds"]},
        "rows_per_second": {
            "connector": round(written / ours["seconds"]),
            "plain DuckDB": round(written / plain["seconds"]),
        },
        "peak_mb": {"connector": ours["peak_mb"], "plain DuckDB": plain["peak_mb"]},
        "ratio": round(ours["seconds"] / plain["seconds"], 1),
    }


def main() -> None:
    """Measure the sources, each in a folder of its own that is removed at once."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.connectors")
    parser.add_argument("rows", type=int)
    parser.add_argument("--only", help="names of sources, with commas; default: all")
    parser.add_argument("--result", type=Path, help="where the JSON goes")
    given = parser.parse_args()
    found: Result = {"machine": machine(), "rows": given.rows, "sources": {}}
    for name in given.only.split(",") if given.only else BULK_FILES:
        with tempfile.TemporaryDirectory(prefix="bench-") as work:
            found["sources"][name] = measured(name, given.rows, Path(work))
        print(f"{name}: {json.dumps(found['sources'][name])}", flush=True)
    if given.result:
        given.result.write_text(f"{json.dumps(found, indent=1)}\n")


if __name__ == "__main__":
    main()
