"""The review of open deals as people get it: a file to work through, and numbers in the report."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from tests.support.publications import publish_week, settings_in


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A published week with four open deals."""
    return publish_week(settings_in(tmp_path / "home"))


def words(version: Path) -> str:
    """The words of the report, without its markup."""
    page = (version / "report.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


def test_deals_come_by_verdict_and_the_oldest_first(version: Path) -> None:
    """Of those to find out, one of unknown age comes last."""
    deals = pl.read_csv(version / "pipeline_review.csv", infer_schema=False)

    assert deals.select("verdict", "deal_id", "age_days").rows() == [
        ("keep", "crm:d1", "53"),
        ("find_out", "crm:d2", "400"),
        ("find_out", "crm:d4", ""),
        ("qualify_out", "crm:d3", "9"),
    ]


def test_names_of_deals_and_owners_are_disarmed(version: Path) -> None:
    """A spreadsheet shows them instead of running them."""
    deals = pl.read_csv(version / "pipeline_review.csv", infer_schema=False)

    assert deals.select("deal_name", "owner_name").row(0) == ("'=Renewal", "'@Olga Example")


def test_the_report_counts_deals_and_names_none(version: Path) -> None:
    """How many of each verdict, where they are weak, how many are old; and where the file is."""
    told = words(version)

    assert "keep 1 find out 2 qualify out 1" in told
    assert "To find out: the weak leg account not known 1 people 1" in told
    assert "1 of 3 are older than won deals usually were" in told
    assert "Lost card" not in told
    assert '<a href="pipeline_review.csv">' in (version / "report.html").read_text()


def test_without_open_deals_the_report_says_nothing_of_them(tmp_path: Path) -> None:
    """The file is there, with its header alone."""
    none = ["delete from marts.pipeline_review"]
    version = publish_week(settings_in(tmp_path / "home"), mutations=none)

    assert "Open deals" not in words(version)
    assert pl.read_csv(version / "pipeline_review.csv").height == 0
