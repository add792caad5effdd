"""The hidden truth of the made-up market, for tests to score against; no model reads it."""

import os
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from ingest.sandbox.answers import Answers, answers_for
from ingest.sandbox.records import intent_companies
from ingest.settings import Settings

# The names that the sources have in the default sources.yml.
CRM, DIRECTORY, INTENT = "crm", "firmographics", "intent"


@lru_cache(maxsize=1)
def truth(companies: int, seed: int, week: date) -> pl.DataFrame:
    """One row per company record: source, source_company_id, true_company_id, would_buy.

    The key of an intent record is its registrable domain in lower-case punycode.
    """
    vendors = answers_for(companies, seed, week)
    hidden = pl.DataFrame({"would_buy": vendors.snapshot.would_buy}).with_row_index("company")
    return (
        _records(vendors)
        .join(hidden.cast({"company": pl.Int64}), on="company")
        .select("source", "source_company_id", _true_id().alias("true_company_id"), "would_buy")
        .sort("source", "source_company_id")
    )


def write_truth(settings: Settings, companies: int, seed: int, week: date) -> Path:
    """Write the truth of that week to sandbox/truth.parquet, whole or not at all; its path."""
    path = settings.sandbox / "truth.parquet"
    settings.sandbox.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    truth(companies, seed, week).write_parquet(unfinished)
    unfinished.replace(path)
    return path


def _records(vendors: Answers) -> pl.DataFrame:
    surged = vendors.snapshot.research.select("company").unique()
    intent = intent_companies(vendors.draws, vendors.snapshot).join(
        surged, on="company", how="semi"
    )
    return pl.concat(
        [
            _keyed(CRM, vendors.crm["companies"], "id"),
            _keyed(DIRECTORY, vendors.directory, "Company ID"),
            _keyed(INTENT, intent, "domain"),
        ]
    )


def _keyed(source: str, frame: pl.DataFrame, key: str) -> pl.DataFrame:
    return frame.select(
        pl.lit(source).alias("source"), pl.col(key).alias("source_company_id"), "company"
    )


def _true_id() -> pl.Expr:
    return pl.concat_str(pl.lit("company-"), "company")
