"""The command line that both peers share, and what a run of it took."""

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

LIST_FILE = "target_accounts.csv"
ACCOUNTS_FILE = "accounts.parquet"


def main(write_list: Callable[[Path, date, Path], None]) -> None:
    """FOLDER WEEK OUT: write the list of FOLDER/drops to the folder OUT and print what it took."""
    folder, week, out = Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    write_list(folder / "drops", week, out)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": round(seconds, 3), "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    """The high-water mark of resident memory of this process."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)
