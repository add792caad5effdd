"""docs/performance.md, made from what a benchmark measured and from nothing else.

python -m tests.benchmarks.page RESULT.json CONNECTORS.json > docs/performance.md
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Result = dict[str, Any]

INTRODUCTION = """\
# Performance

Made by `make bench` from what it measured on one machine, each size in one run; other machines
give other seconds, so what counts are the ratios. The market is the sandbox's in bulk: Parquet
drops of one vendor, with about ten signals and two and a half contacts for each company. A database
was let hold 2 GB in memory, as the reference's; of more than a million companies 4 GB. Peaks are of
resident memory, of the weekly job what its processes held at one time.

- **reference**: one DuckDB script written by hand for this one market and document, without dbt,
  Dagster, identity, history, gate or pages (`tests/benchmarks/reference.py`). It writes accounts,
  their scores, contacts, signals, the list and its reasons; each value in them was the pipeline's,
  but for the id of the publication.
- **peers**: the same list in pandas and in Polars, without reasons, marts or checks
  (`tests/benchmarks/peers/`); the lists were equal, account by account, to four places of every
  score.
- **plain DuckDB**: reads the same drops and writes the same Parquet, judging nothing.
"""

CONNECTORS = """\
## Connectors that read files in bulk

Files in each vendor's format, synthesised (`tests/benchmarks/bulk_files.py`), fetched and landed by
the connector: read, judged, normalised, sorted, hashed and written. Beside it plain DuckDB reads
the same files (`read_csv`, `read_parquet`, `read_json`, unpacked where they are packed) and writes
them as Parquet, judging nothing. Rows are lines of the files; of `sec_edgar` documents, with twenty
filings each. Each has a process of its own.
"""


IDENTITY = """\
## Identity, of three sources

The records of the made-up market's CRM, directory and intent vendor, which spell most companies in
several ways. The step weighs only pairs of which something changed since the week before; precision
and recall are those of pairs of records, against what is true in that market.
"""


def page(found: Result, connectors: Result) -> Iterator[str]:
    """The lines of the page: of the weekly job, and of the connectors."""
    sizes = found["sizes"]
    machine = found["machine"]
    yield INTRODUCTION
    yield f"{machine['processors']} processors, DuckDB {machine['duckdb']}.\n"
    yield "## The weekly job\n"
    yield from _table(sizes, "seconds", lambda size: size["seconds"], "{:,.1f}")
    yield from _table(sizes, "peak memory, MB", lambda size: size["peak_mb"], "{:,.0f}")
    yield from _table(sizes, "MB on disk", lambda size: _megabytes(size), "{:,.0f}")
    yield from _identity(found.get("identity", []))
    yield "## Evidence\n"
    yield "What won and lost deals say, made again with so many closed deals of these accounts.\n"
    yield from _table(
        sizes, "", lambda size: {n: size["evidence"][n] for n in ("deals", "accounts")}, "{:,}"
    )
    yield from _table(sizes, "seconds", lambda size: size["evidence"]["seconds"], "{:,.1f}")
    yield "## Beside others\n"
    yield from _table(sizes, "seconds", _others, "{:,.2f}")
    yield from _table(sizes, "peak memory, MB", _others_memory, "{:,.0f}")
    yield from _table(sizes, "ratio", lambda size: size["ratios"], "{:,.1f}")
    if "exponents" in found:
        yield "## Growth\n"
        yield "The power of the rows by which seconds grow from the smallest size to the largest.\n"
        yield from (f"- {name}: {value}" for name, value in found["exponents"].items())
        yield ""
    yield CONNECTORS
    yield from _connector_table(connectors["sources"])


def _identity(weeks: Sequence[Result]) -> Iterator[str]:
    """Which records are one company, in a week and in the next."""
    if not weeks:
        return
    yield IDENTITY
    yield f"| | first week |{' week after |' * (len(weeks) - 1)}"
    yield f"| --- |{' ---: |' * len(weeks)}"
    for name in weeks[0]:
        yield f"| {name} | {' | '.join(f'{week[name]:,}' for week in weeks)} |"
    yield ""


def _connector_table(sources: dict[str, Result]) -> Iterator[str]:
    yield (
        "| source | rows | MB | rows a second | plain DuckDB | seconds, ratio | peak memory, MB "
        "| plain DuckDB |"
    )
    yield f"| --- |{' ---: |' * 7}"
    for name, told in sources.items():
        speed, memory = told["rows_per_second"], told["peak_mb"]
        cells = (
            f"{told['rows']:,}",
            f"{told['megabytes']:,}",
            f"{speed['connector']:,}",
            f"{speed['plain DuckDB']:,}",
            f"{told['ratio']:,.1f}",
            f"{memory['connector']:,.0f}",
            f"{memory['plain DuckDB']:,.0f}",
        )
        yield f"| {name} | {' | '.join(cells)} |"


def _others(size: Result) -> dict[str, float]:
    peers = {name: told["seconds"] for name, told in size["peers"].items()}
    return {
        "transform and publish": size["seconds"]["staging to marts"] + size["seconds"]["publish"],
        "reference": size["reference"]["seconds"],
        "fetch and land": size["seconds"]["fetch and land"],
        "plain DuckDB": size["plain_landing"]["seconds"],
        **peers,
    }


def _others_memory(size: Result) -> dict[str, float]:
    peers = {name: told["peak_mb"] for name, told in size["peers"].items()}
    return {
        "weekly job": max(size["peak_mb"].values()),
        "reference": size["reference"]["peak_mb"],
        **peers,
    }


def _megabytes(size: Result) -> dict[str, float]:
    return {name: taken / 1e6 for name, taken in size["bytes_on_disk"].items()}


def _table(sizes: Sequence[Result], unit: str, of: Any, form: str) -> Iterator[str]:
    heads = [f"{size['companies']:,} companies" for size in sizes]
    yield f"| {unit} | {' | '.join(heads)} |"
    yield f"| --- | {' | '.join('---:' for _ in heads)} |"
    columns = [of(size) for size in sizes]
    for name in columns[0]:
        cells = (form.format(column[name]) if name in column else "" for column in columns)
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""


if __name__ == "__main__":
    results = [json.loads(Path(path).read_text()) for path in sys.argv[1:3]]
    print("\n".join(page(*results)))
