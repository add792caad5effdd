"""What landing is held against: plain DuckDB reads the same drops and writes the same Parquet.

    python -m tests.benchmarks.plain_landing FOLDER OUT

Prints a line of JSON with the seconds. Nothing is judged, normalised, sorted or hashed here.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb


def main(drops: Path, out: Path) -> None:
    """Copy each drop as the landing writes its batches: compressed with zstd."""
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    with duckdb.connect() as connection:
        for drop in sorted(drops.glob("*.parquet")):
            rows = connection.read_parquet(f"{drop}")
            rows.write_parquet(f"{out / drop.name}", compression="zstd")
    print(json.dumps({"seconds": round(time.perf_counter() - began, 3)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "drops", Path(sys.argv[2]))
