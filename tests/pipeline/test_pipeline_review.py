"""Open deals and owners of the sandbox's CRM: every deal once, judged as its account is, and
figures that can be counted again from what landed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from math import sqrt

import polars as pl
import pytest

from tests.support.runs import Publication

Z = 1.959964


@pytest.fixture
def deals(first: Publication) -> pl.DataFrame:
    """The deals that landed for the first list, each with what it was that week."""
    pattern = f"{first.settings.landing}/deals/crm/{first.week}-*/*.parquet"
    morning = datetime.combine(first.week, time(), UTC)
    known = pl.read_parquet(pattern).filter(pl.col("created_at") <= morning)
    is_open = (pl.col("outcome") == "open") | (pl.col("closed_at") > morning)
    return known.select(
        deal_id="crm:" + pl.col("source_deal_id"),
        owner_id="crm:" + pl.col("owner_id"),
        created_at="created_at",
        closed_at="closed_at",
        attributes="attributes",
        outcome=pl.when(is_open).then(pl.lit("open")).otherwise("outcome"),
    )


def test_every_open_deal_has_one_verdict(first: Publication, deals: pl.DataFrame) -> None:
    """The verdicts add up to the open deals that landed, in the mart as in the file."""
    still_open = set(deals.filter(outcome="open")["deal_id"])
    by_verdict = first.ask("select verdict, count(*) as deals from pipeline_review group by all")
    found = {row["verdict"]: row["deals"] for row in by_verdict}

    assert set(found) == {"keep", "find_out", "qualify_out"}
    assert sum(found.values()) == len(still_open) > 20
    assert set(first.values("select deal_id from pipeline_review")) == still_open
    assert set(first.csv("pipeline_review.csv")["deal_id"]) == still_open


def test_a_verdict_follows_from_the_account(first: Publication) -> None:
    """Who is kept is aligned and not disqualified, and whoever is disqualified is not kept."""
    wrong = first.ask("""
        select deal_id, verdict, weak_leg, reason
        from pipeline_review as review join account_scores as scores using (account_id)
        where (verdict = 'keep') <> (scores.is_aligned and len(met_disqualifiers) = 0
                and not contains(reason, 'sales qualified it out'))
            or (len(met_disqualifiers) > 0 and verdict <> 'qualify_out')
            or (weak_leg is null) <> scores.is_aligned
            or review.alignment_score <> scores.alignment_score
    """)

    assert wrong == []
    assert first.values("select distinct outcome from account_scores where account_id in "
        "(select account_id from pipeline_review)") == ["suppressed"]  # fmt: skip


def test_a_usual_age_is_that_of_deals_that_were_won(
    first: Publication, deals: pl.DataFrame
) -> None:
    """Counted again from the days on which won deals came into the stage after."""
    won = deals.filter(outcome="won")
    opened, closed = pl.col("created_at").dt.date(), pl.col("closed_at").dt.date()
    entered = (
        won.explode("attributes")
        .unnest("attributes")
        .filter(pl.col("key").str.starts_with("entered_"))
        .sort("deal_id", "value")
        .with_columns(left=pl.col("value").str.to_date().shift(-1).over("deal_id"))
        .with_columns(days=(pl.coalesce("left", closed) - opened).dt.total_days())
    )
    usual = {
        key.removeprefix("entered_"): (count, days)
        for key, count, days in entered.group_by("key")
        .agg(pl.len().alias("count"), pl.col("days").median())
        .iter_rows()
    }
    told = first.ask("select distinct stage, usual_basis, usual_deals, usual_days "
        "from pipeline_review")  # fmt: skip

    assert {row["usual_basis"] for row in told} == {"stage"}
    assert len(told) == 5
    assert {row["stage"]: (row["usual_deals"], row["usual_days"]) for row in told} == usual


def test_an_age_counts_from_the_opening(first: Publication, deals: pl.DataFrame) -> None:
    """In days, to the list week; older than usual is who is."""
    ages = {
        deal: (first.week - opened.date()) // timedelta(days=1)
        for deal, opened in deals.select("deal_id", "created_at").iter_rows()
    }
    told = first.ask("select * from pipeline_review")

    assert all(row["age_days"] == ages[row["deal_id"]] for row in told)
    assert all(row["is_older_than_usual"] == (row["age_days"] > row["usual_days"]) for row in told)
    assert {row["is_older_than_usual"] for row in told} == {True, False}


def test_owners_share_all_deals_among_them(first: Publication, deals: pl.DataFrame) -> None:
    """Open, closed and won deals of the owners add up, and each won share has its interval."""
    profiles = first.ask("select * from owner_profiles")
    outcomes = {
        owner: dict(rows.group_by("outcome").len().iter_rows())
        for (owner,), rows in deals.group_by("owner_id")
    }

    assert {row["owner_id"] for row in profiles} == set(outcomes)
    for row in profiles:
        mine = outcomes[row["owner_id"]]
        won, closed = mine.get("won", 0), mine.get("won", 0) + mine.get("lost", 0)
        assert (row["open_deals"], row["won_deals"], row["closed_deals"]) == (
            mine.get("open", 0), won, closed
        )  # fmt: skip
        verdicts = [row[f"{verdict}_deals"] for verdict in ("keep", "find_out", "qualify_out")]
        assert sum(verdicts) == row["open_deals"]
        low, high = _wilson(won, closed)
        assert float(row["won_low_pct"]) == pytest.approx(low, abs=0.006)
        assert float(row["won_high_pct"]) == pytest.approx(high, abs=0.006)


def test_the_best_performers_are_a_quarter_of_those_who_closed_enough(first: Publication) -> None:
    """By the lower end of the interval; a gap is told only where both have ten deals."""
    profiles = first.ask("select * from owner_profiles order by won_low_pct desc, won_deals desc")
    compared = [row for row in profiles if row["closed_deals"] >= 10]
    best = len(compared) // 4

    assert [row["is_best_performer"] for row in compared] == [
        place < best for place in range(len(compared))
    ]
    assert best >= 1
    assert {row["best_owners"] for row in profiles} == {best}
    assert all(row["is_best_performer"] is None for row in profiles if row["closed_deals"] < 10)
    assert all((row["aligned_gap"] is None) == (min(row["judged_deals"], row["best_judged_deals"])
        < 10) for row in profiles)  # fmt: skip


def _wilson(won: int, closed: int) -> tuple[float, float]:
    """The 95 % interval of a share in per cent."""
    share, spread = won / closed, 1 + Z * Z / closed
    middle = share + Z * Z / 2 / closed
    reach = Z * sqrt(share * (1 - share) / closed + Z * Z / 4 / closed / closed)
    return 100 * (middle - reach) / spread, 100 * (middle + reach) / spread
