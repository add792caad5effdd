"""One company, one account: the sandbox's records against the truth that no model reads."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl

from orchestration.identity.matching import SHIPPED, load_model, model_file, weighing_levels
from tests.support.runs import Publication, prospects


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


def test_weights_are_learned_from_ones_own_data(second: Publication, tmp_path: Path) -> None:
    """By one command, into a file that later runs use and that says what it was learned from."""
    settings = replace(second.settings, home=tmp_path)
    shutil.copytree(second.settings.warehouse, settings.warehouse)
    assert model_file(settings) == SHIPPED

    ending = prospects(settings, "train")

    assert ending.code == 0, ending.err
    learned, shipped = load_model(model_file(settings)), load_model(SHIPPED)
    assert model_file(settings) != SHIPPED
    assert learned.trained_on == f"the list week {second.week}"
    levels = {level["label_for_charts"]: level for _, level in weighing_levels(learned.settings)}
    assert set(levels) == {x["label_for_charts"] for _, x in weighing_levels(shipped.settings)}
    assert all(
        0 < level[p] <= 1 for level in levels.values() for p in ("m_probability", "u_probability")
    )
    sole = levels["same name, held by these two alone"]
    assert sole["m_probability"] > 0.5 > 1e-3 > sole["u_probability"]
