"""One size of the market, measured: the weekly job beside a reference and two peers, in one run.

Each program has a process of its own, one after the other. What is compared must be equal: the
pipeline's list with the reference's and with each peer's, else the measurement stops.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ingest.sandbox.bulk import write_drops
from tests.benchmarks import equal
from tests.benchmarks.peers import equal as peers_equal
from tests.benchmarks.peers.measured import LIST_FILE

HERE = Path(__file__).parent
WEEK = date(2026, 11, 23)
SEED = 7
FETCH = ("fetch_market",)
BUILD = ("records", "identity", "marts", "evidence", "evidence_marts")
GATE = ("inputs", "gate__verdict")
PUBLISH = ("publish",)
PEERS = ("pandas", "polars")
TO_REFERENCE = "transform and publish to reference"
TO_PLAIN = "landing to plain DuckDB"

Result = dict[str, Any]


def memory_limit(companies: int) -> str:
    """What a database may hold in memory, for a market of so many companies."""
    return "2GB" if companies <= 1_000_000 else "4GB"


def measured(companies: int, work: Path, peers_asked: Sequence[str] = PEERS) -> Result:
    """One size: rows, seconds and memory of each program, and the ratios between them."""
    folder = work / f"{companies}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for document in ("sources.yml", "perfect_customer.yml"):
        shutil.copyfile(HERE / document, folder / document)
    rows = write_drops(folder / "drops", companies, SEED, WEEK)
    home = folder / "home"
    limit = memory_limit(companies)
    weekly = told("weekly", folder, WEEK, memory_limit=limit)
    plain = told("plain_landing", folder, folder / "plain")
    reference = told("reference", home, WEEK, folder / "reference", "--memory-limit", limit)
    _demand_equal(
        "the reference",
        equal.differences(
            folder / "reference" / "marts.duckdb", home / "published" / "latest" / "marts.duckdb"
        ),
    )
    peers = {}
    for name in peers_asked:
        out = folder / name
        peers[name] = told(f"peers.{name}_list", folder, WEEK, out)
        _demand_equal(name, peers_equal.differences(out / LIST_FILE, home))
    return _result(companies, rows, weekly, plain, reference, peers, home)


def _result(
    companies: int,
    rows: dict[str, int],
    weekly: Result,
    plain: Result,
    reference: Result,
    peers: dict[str, Result],
    home: Path,
) -> Result:
    steps = weekly["steps"]
    seconds = {
        "fetch and land": _seconds(steps, FETCH),
        "staging to marts": _seconds(steps, BUILD),
        "identity": _seconds(steps, ("identity",)),
        "gate": _seconds(steps, GATE),
        "publish": _seconds(steps, PUBLISH),
        "whole job": weekly["load"] + weekly["run"],
    }
    ours = seconds["staging to marts"] + seconds["publish"]
    return {
        "companies": companies,
        "memory_limit": memory_limit(companies),
        "rows": rows,
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "peak_mb": {name: step["peak_mb"] for name, step in steps.items()},
        "rows_per_second": round(sum(rows.values()) / seconds["whole job"]),
        "bytes_on_disk": {
            name: _bytes(home / name) for name in ("landing", "warehouse", "published", "history")
        },
        "reference": reference,
        "plain_landing": plain,
        "peers": peers,
        "ratios": {
            TO_REFERENCE: round(ours / reference["seconds"], 2),
            TO_PLAIN: round(seconds["fetch and land"] / plain["seconds"], 2),
        },
    }


def machine() -> Result:
    """What the figures were measured on."""
    return {"processors": os.cpu_count(), "duckdb": duckdb.__version__}


def told(module: str, *arguments: object, memory_limit: str = "2GB") -> Result:
    """What a program of this folder prints, run in a process of its own; `memory_limit` is a
    database's.

    SystemExit with the end of what it said when it failed.
    """
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": ".", "PROSPECT_MEMORY_LIMIT": memory_limit}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr[-3000:]}")
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def _demand_equal(name: str, differences: list[str]) -> None:
    if differences:
        shown = "\n  ".join(differences[:10])
        raise SystemExit(f"{name} and the pipeline differ in {len(differences)} ways:\n  {shown}")


def _seconds(steps: Result, names: tuple[str, ...]) -> float:
    return float(sum(steps[name]["seconds"] for name in names))


def _bytes(folder: Path) -> int:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files)
