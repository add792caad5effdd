"""The truth file covers every company record that the sandbox serves, and nothing else."""

from datetime import date

import polars as pl
import pytest

from ingest.sandbox.answers import answers_for
from ingest.sandbox.records import surge
from ingest.sandbox.truth import truth, write_truth
from ingest.settings import Settings

SIZE, SEED, WEEK = 600, 7, date(2026, 11, 23)


@pytest.fixture
def settings(tmp_path):
    """Settings with a home of their own."""
    return Settings.from_environment({"PROSPECT_HOME": str(tmp_path / "home")})


def test_the_truth_covers_every_record_of_every_source():
    """The keys of CRM, directory and intent file are exactly those of the truth."""
    vendors = answers_for(SIZE, SEED, WEEK)
    told = truth(SIZE, SEED, WEEK)
    keys = dict(told.group_by("source").agg("source_company_id").iter_rows())

    assert set(keys["crm"]) == set(vendors.crm["companies"]["id"])
    assert set(keys["firmographics"]) == set(vendors.directory["Company ID"])
    assert set(keys["intent"]) == set(surge(vendors.draws, vendors.snapshot)["Domain"])
    assert not told.select("source", "source_company_id").is_duplicated().any()


def test_records_of_one_company_agree_on_whether_it_would_buy():
    """One true company has one wish, and several records in and across sources."""
    by_company = (
        truth(SIZE, SEED, WEEK)
        .group_by("true_company_id")
        .agg(pl.col("would_buy").n_unique().alias("wishes"), pl.len().alias("records"))
    )

    assert (by_company["wishes"] == 1).all()
    assert (by_company["records"] > 1).mean() > 0.4


def test_the_truth_is_written_whole_and_alike_each_time(settings):
    """One file under sandbox/, no remains of the writing, the same bytes again."""
    path = write_truth(settings, SIZE, SEED, WEEK)
    first = path.read_bytes()

    assert write_truth(settings, SIZE, SEED, WEEK) == settings.sandbox / "truth.parquet"
    assert path.read_bytes() == first
    assert [file.name for file in settings.sandbox.iterdir()] == ["truth.parquet"]
    assert pl.read_parquet(path).columns == [
        "source",
        "source_company_id",
        "true_company_id",
        "would_buy",
    ]
