"""One company, one account: the sandbox's records against the truth that no model reads."""

from __future__ import annotations

import polars as pl

from tests.support.runs import Publication


def pairs(frame: pl.DataFrame, *keys: str) -> int:
    """How many pairs of rows agree in all keys."""
    counts = frame.group_by(*keys).len()["len"]
    return int((counts * (counts - 1) // 2).sum())


def account_of(publication: Publication) -> pl.DataFrame:
    """The account of each record."""
    return pl.DataFrame(
        publication.ask("select source, source_company_id, account_id from account_sources")
    )


def test_records_of_one_company_are_one_account_and_of_two_are_not(second: Publication) -> None:
    """By pairs of records: at least 0.995 of those joined are right, 0.95 of those right joined."""
    truth = pl.read_parquet(second.settings.sandbox / "truth.parquet")
    records = account_of(second).join(truth, on=["source", "source_company_id"])
    right = pairs(records, "account_id", "true_company_id")

    precision = right / pairs(records, "account_id")
    recall = right / pairs(records, "true_company_id")

    print(f"\nrecords {records.height}, precision {precision:.4f}, recall {recall:.4f}")
    assert records.height > 2_000
    assert precision >= 0.995
    assert recall >= 0.95


def test_ids_stay_from_week_to_week(first: Publication, second: Publication) -> None:
    """Records that are there in both weeks are part of the same account, but for told changes."""
    both = account_of(first).join(
        account_of(second), on=["source", "source_company_id"], suffix="_now"
    )
    told = {row["account_id"] for row in second.ask("select account_id from account_id_changes")}

    moved = both.filter(pl.col("account_id") != pl.col("account_id_now"))

    print(f"\nrecords in both weeks {both.height}, moved {moved.height}")
    assert moved.height / both.height <= 0.001
    assert set(moved["account_id"]) <= told
