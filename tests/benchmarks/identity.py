"""The identity step on the records of three sources, in one week and in the next.

    python -m tests.benchmarks.identity FOLDER COMPANIES

Prints a line of JSON: for each week the records, pairs that were compared, seconds and peak of
memory (resident, in MB), and by pairs of records how much of what was joined is true, and how much
of what is true was joined. The market is made up, and what is true in it is known.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl

from ingest.sandbox.answers import answers_for
from ingest.sandbox.records import intent_companies
from ingest.settings import Settings
from orchestration.identity.matching import load_model, model_file
from orchestration.identity.pair_cache import cache_file
from orchestration.identity.resolve import resolve_companies
from orchestration.warehouse import connect
from tests.benchmarks.memory import forget_peak, peak_mb
from tests.benchmarks.weekly import MEMORY_LIMIT
from tests.support.built import build_records

HERE = Path(__file__).parent
SEED = 7
WEEKS = (date(2026, 11, 16), date(2026, 11, 23))
KEYS = {"crm": "id", "firmographics": "Company ID", "intent": "domain"}


def main(folder: Path, companies: int) -> None:
    """Make both weeks' records, resolve them, and print what that took."""
    print(json.dumps([_measured(folder, companies, week) for week in WEEKS]))


def _measured(folder: Path, companies: int, week: date) -> dict[str, Any]:
    # Made apart, since the market takes more memory than what is measured.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        truth = apart.submit(_write_drops, folder / "drops", companies, week).result()
    document = (HERE / "identity_sources.yml").read_text(encoding="utf-8")
    (folder / "sources.yml").write_text(document.replace("{week}", f"{week}"), encoding="utf-8")
    settings = Settings(
        folder / "home",
        folder / "sources.yml",
        HERE / "perfect_customer.yml",
        WEEKS[0],
        memory_limit=MEMORY_LIMIT,
    )
    build_records(settings, week)
    forget_peak()
    with connect(settings, week) as connection:
        began = time.perf_counter()
        found = resolve_companies(
            connection, load_model(model_file(settings)), [], week, cache_file(settings)
        )
        seconds = time.perf_counter() - began
        accounts = connection.execute("FROM identity.company_clusters").pl()
    return {
        "records": found.clusters.records,
        "accounts": found.clusters.clusters,
        "candidate pairs": found.candidates.pairs,
        "compared pairs": found.weighed.compared,
        "seconds": round(seconds, 2),
        "peak memory, MB": peak_mb(),
        **_correctness(accounts, pl.read_parquet(truth)),
    }


def _write_drops(folder: Path, companies: int, week: date) -> Path:
    """Each source's records of that week; returns the file that says whose each is."""
    vendors = answers_for(companies, SEED, week)
    frames = {
        "crm": vendors.crm["companies"],
        "firmographics": vendors.directory,
        "intent": intent_companies(vendors.draws, vendors.snapshot),
    }
    (folder / f"{week}").mkdir(parents=True)
    for source, frame in frames.items():
        frame.drop("company").write_parquet(folder / f"{week}" / f"{source}.parquet")
    truth = pl.concat(
        frame.select(pl.format("{}:{}", pl.lit(source), KEYS[source]).alias("record_id"), "company")
        for source, frame in frames.items()
    )
    file = folder / f"{week}" / "truth.parquet"
    truth.write_parquet(file)
    return file


def _correctness(accounts: pl.DataFrame, truth: pl.DataFrame) -> dict[str, float]:
    records = accounts.join(truth, on="record_id")
    right = _pairs(records, "account_id", "company")
    return {
        "precision": round(right / _pairs(records, "account_id"), 4),
        "recall": round(right / _pairs(records, "company"), 4),
    }


def _pairs(frame: pl.DataFrame, *keys: str) -> int:
    counts = frame.group_by(*keys).len()["len"].cast(pl.Int64)
    return int((counts * (counts - 1) // 2).sum())


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]))
