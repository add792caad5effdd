"""The market is one history: the same for a seed, growing week by week, with hidden wishes."""

from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sandbox.events import TOPICS
from ingest.sandbox.market import HISTORY_DAYS, Market
from ingest.sandbox.records import firmographics
from ingest.sandbox.words import HOSTILE, OPEN_STAGES

WEEK = date(2026, 11, 23)
EVENTS = {
    "research": "day",
    "visits": "day",
    "news": "day",
    "deals": "opened_day",
    "verdicts": "given_day",
}


def frames(snapshot):
    """Every frame of a snapshot by its name."""
    named = {field.name: getattr(snapshot, field.name) for field in fields(snapshot)}
    return {name: value for name, value in named.items() if isinstance(value, pl.DataFrame)}


@pytest.fixture(scope="module")
def market():
    """A market of the default size."""
    return Market(5_000, 7)


@pytest.fixture(scope="module")
def now(market):
    """The market in the week of the tests."""
    return market.at(WEEK)


def test_the_same_size_seed_and_week_give_the_same_market(now):
    """Made anew, every frame is equal."""
    again = frames(Market(5_000, 7).at(WEEK))

    assert all(frame.equals(again[name]) for name, frame in frames(now).items())


def test_another_seed_gives_another_market(now):
    """Names, research and deals differ."""
    other = Market(5_000, 8).at(WEEK)

    assert not other.companies["name"].equals(now.companies["name"])
    assert not other.research.equals(now.research)
    assert not other.deals.equals(now.deals)


@settings(max_examples=8)
@given(st.integers(0, 2**31), st.integers(1, 300), st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_a_later_day_holds_the_past_of_an_earlier_one(seed, size, day):
    """Any size, seed and day: what has happened stays as it was; only what is too old goes."""
    market, step = Market(size, seed), timedelta(days=7)
    before, after = market.at(day), market.at(day + step)

    for name, column in EVENTS.items():
        start, end = after.day - HISTORY_DAYS, before.day
        columns = ["company", column]
        past = getattr(before, name).filter(pl.col(column) >= start).select(columns)
        still = getattr(after, name).filter(pl.col(column).is_between(start, end)).select(columns)
        grown = still.join(past, on=columns, how="anti")
        assert past.join(still, on=columns, how="anti").is_empty()
        assert grown.filter(pl.col(column) < end).is_empty()


def test_nothing_of_the_future_is_told(now):
    """No event, end of a deal or parent after the morning of the day."""
    for name, column in EVENTS.items():
        assert getattr(now, name)[column].max() <= now.day
        assert getattr(now, name)[column].min() >= now.day - HISTORY_DAYS
    open_deals = now.deals.filter(pl.col("closed_day").is_null())
    assert open_deals["is_won"].null_count() == open_deals.height
    assert now.deals["closed_day"].max() < now.day
    assert now.subsidiaries["since_day"].max() < now.day
    assert now.verdicts["given_day"].max() < now.day


def test_a_deal_is_at_the_last_stage_that_it_came_into(now):
    """Stages follow each other from the opening, and none is told before its day."""
    days = [f"entered_{number}_day" for number in range(len(OPEN_STAGES))]
    entered = now.deals.select(days).to_numpy()
    is_open = now.deals["closed_day"].is_null()
    reached = now.deals.filter(is_open).select(days).to_numpy()

    assert (entered[:, 0] == now.deals["opened_day"].to_numpy()).all()
    assert not (np.diff(entered, axis=1) < 0).any()
    assert np.nanmax(entered) <= now.day
    assert (
        not now.deals.filter(~is_open).select(pl.col(days) >= pl.col("closed_day")).to_numpy().any()
    )
    assert now.deals.filter(is_open)["stage"].to_list() == [
        OPEN_STAGES[number - 1] for number in (~np.isnan(reached)).sum(axis=1)
    ]


def test_deals_end_as_they_were_going_to(market, now):
    """A deal that was closed stays closed in the same way; open ones close in time."""
    later = market.at(WEEK + timedelta(days=182)).deals.select("deal", "is_won", "closed_day")
    both = now.deals.join(later, on="deal", suffix="_later")

    closed = both.filter(pl.col("is_won").is_not_null())
    assert closed["is_won"].equals(closed["is_won_later"], null_equal=True)
    assert both["is_won_later"].null_count() == 0


def test_a_verdict_once_given_stays_as_it_is(market, now):
    """Answer, reason and end are the same half a year on, beside those that were given since."""
    later = market.at(WEEK + timedelta(days=182))
    still = later.verdicts.filter(pl.col("given_day") < now.day)
    kept = now.verdicts.filter(pl.col("given_day") >= later.day - HISTORY_DAYS)
    order = ["given_day", "company"]

    assert still.sort(order).equals(kept.sort(order))
    assert later.verdicts.height > still.height


def test_sales_answers_about_few_and_says_why_not(now):
    """Some one in twenty companies in two years; refusals have a reason, most of them an end,
    which never lies before the answer; acceptances have neither."""
    refused = now.verdicts.filter(~pl.col("is_accepted"))
    accepted = now.verdicts.filter("is_accepted")

    assert 0.02 < now.verdicts["company"].n_unique() / 5_000 < 0.06
    assert 0.2 < accepted.height / now.verdicts.height < 0.5
    assert refused["reason"].null_count() == 0
    assert 0.4 < refused["until_day"].is_not_null().mean() < 0.9
    assert (refused["until_day"] >= refused["given_day"]).drop_nulls().all()
    assert accepted["reason"].null_count() == accepted["until_day"].null_count() == accepted.height


def test_most_of_a_company_stays_the_same_from_week_to_week(market, now):
    """Names and domains never change; the directory renews one company in thirteen."""
    later = market.at(WEEK + timedelta(days=7))
    same = ["name", "legal_name", "domain", "country", "parent", "erp"]
    before, after = (firmographics(market.draws, then) for then in (now, later))
    changed = before.join(after, on=before.columns, how="anti", nulls_equal=True)

    assert later.companies.select(same).equals(now.companies.select(same))
    assert before["Company ID"].equals(after["Company ID"])
    assert 0.05 < changed.height / before.height < 0.12


def test_the_market_has_the_shape_that_was_agreed(now):
    """Sizes, countries, people, research, boards and deals as in a market of 5,000."""
    companies = now.companies
    quarter = now.research.filter(pl.col("day") > now.day - 90)
    served = ["US", "GB", "DE", "FR", "NL", "CA", "SE", "ES"]

    assert companies["parent"].is_not_null().sum() == 700
    assert companies["employees"].is_between(10, 20_000).all()
    assert 0.15 < (~companies["country"].is_in(served)).mean() < 0.25
    assert 0.55 < now.people["company"].n_unique() / 5_000 < 0.65
    assert 0.4 < now.people["is_finance"].mean() < 0.6
    assert 0.28 < quarter.filter(pl.col("score") >= 60)["company"].n_unique() / 5_000 < 0.42
    assert 450 < now.boards.height < 700
    assert 1_300 < now.deals.height < 1_700
    assert 0.2 < now.deals["is_won"].mean() < 0.3


def test_hostile_names_are_there_even_in_a_small_market():
    """Each kind once, formula signs, markup, scripts from right to left and emoji among them."""
    names = Market(len(HOSTILE), 7).companies["name"]

    assert all(
        any(name.startswith(before) and name.endswith(after) for name in names)
        for before, after in HOSTILE
    )
    assert {"=", "+", "-", "@"} <= {name[0] for name in names}


def test_every_domain_says_that_it_is_made_up(now):
    """No real company's domain can come out; only children share one, with their parent."""
    domains = now.companies.filter(pl.col("domain").is_not_null())
    shared = domains.filter(pl.col("domain").is_duplicated())
    children = shared.filter(pl.col("parent").is_null()).height

    assert domains["domain"].str.contains(r"-fictive\.[a-z.]+$").all()
    assert 0 < children <= shared.height / 2
    assert now.people["email"].drop_nulls().str.contains("fictive|n/a").all()


def test_who_would_buy_wins_more_deals(now):
    """The hidden truth shows in the outcomes, at more than one and a half times the rate."""
    hidden = pl.DataFrame({"company": now.companies["company"], "would_buy": now.would_buy})
    closed = now.deals.filter(pl.col("is_won").is_not_null()).join(hidden, on="company")
    won = dict(closed.group_by("would_buy").agg(pl.col("is_won").mean()).iter_rows())

    assert won[True] > 1.5 * won[False]


def test_no_attribute_is_the_hidden_wish_itself(now):
    """Nothing that a vendor could tell of a company separates those who would buy."""
    wish = now.would_buy.cast(pl.Float64).to_numpy()
    companies = now.companies
    recent = now.research.filter(pl.col("day") > now.day - 90)
    reads = companies.join(recent.group_by("company").len(), on="company", how="left")
    numbers = {
        "employees": companies["employees"].log(),
        "legal_entities": companies["legal_entities"].log(),
        "growth": companies["growth"],
        "uses_rival": companies["uses_rival"].cast(pl.Float64),
        "listed": (companies["ownership"] == "public").cast(pl.Float64),
        "research": reads["len"].fill_null(0),
    }

    for name, values in numbers.items():
        assert abs(np.corrcoef(values.to_numpy(), wish)[0, 1]) < 0.5, name


def test_research_is_bursts_and_noise(now):
    """Some companies read week after week, others once, some about nothing of ours."""
    quarter = now.research.filter(pl.col("day") > now.day - 90)
    weeks = quarter.group_by("company").agg(pl.col("day").n_unique())["day"]

    assert (weeks == 1).sum() > 100
    assert (weeks >= 4).sum() > 100
    assert set(quarter["topic"]) == set(TOPICS)
