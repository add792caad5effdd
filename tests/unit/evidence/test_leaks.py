"""Attributes that tell an outcome because they were filled in after it are flagged."""

from collections.abc import Iterator

import duckdb
import numpy as np
import polars as pl
import pytest

from orchestration.evidence.attributes import known_before_closing
from orchestration.evidence.leaks import lateness, suspicion

RANDOM = np.random.default_rng(9)
WON = pl.Series(RANDOM.random(1_000) < 0.3)
NOISE = pl.Series(RANDOM.choice(["a", "b", "c"], 1_000))
NUMBERS = pl.Series(RANDOM.normal(size=1_000))


def only_where(mask: pl.Series, value: str = "x") -> pl.Series:
    """A text where the mask is true, else unknown."""
    return pl.DataFrame({"m": mask}).select(pl.when("m").then(pl.lit(value)))["literal"]


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("attributes.onboarding", only_where(WON)),
        ("attributes.handover", only_where(WON & pl.Series(RANDOM.random(1_000) < 0.4))),
        ("attributes.objection", only_where(~WON)),
        ("attributes.objection", only_where(~WON & pl.Series(RANDOM.random(1_000) < 0.5))),
        ("attributes.size", NUMBERS + 4 * WON.cast(pl.Float64)),
        ("attributes.lead_quality", NOISE),
        ("attributes.last_activity", NOISE),
        ("attributes.closed_at", NOISE),
        ("crm.deal_stage", NOISE),
    ],
    ids=[
        "known of won deals alone",
        "known of some won deals alone",
        "known of lost deals alone",
        "known of some lost deals alone",
        "a number that tells nearly everything",
        "a judgement by name",
        "what moves with the deal by name",
        "an end by name",
        "a stage by name",
    ],
)
def test_a_leak_is_suspected(attribute: str, values: pl.Series) -> None:
    """With a reason that a reader can follow."""
    assert suspicion(attribute, values, WON)


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("attributes.colour", NOISE),
        ("attributes.stage", NOISE),
        ("attributes.credit_score", NUMBERS),
        ("attributes.size", NUMBERS + 0.8 * WON.cast(pl.Float64)),
        ("attributes.city", pl.Series(RANDOM.integers(0, 400, 1_000)).cast(pl.String)),
        ("employees", pl.Series([None] * 1_000, dtype=pl.Int64)),
        ("status", NOISE),
    ],
    ids=[
        "noise",
        "a stage of growth",
        "a rating of others",
        "a good factor",
        "many",
        "none",
        "own",
    ],
)
def test_what_could_be_known_before_is_not(attribute: str, values: pl.Series) -> None:
    """Strong is not too strong, many values are no separation, and unknown is none either."""
    assert suspicion(attribute, values, WON) is None


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """40 deals from before the first list, closed after it; what is filled in, and when."""
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate")
        connection.execute("set schema = 'intermediate'")
        connection.execute(
            "create table int_deals_attributed as select 'd' || i as deal_id, "
            "timestamp '2026-03-01' as closed_at from range(40) as r (i)"
        )
        connection.execute(
            "create table int_outcomes_gathered as select 'deal' as kind, 'd' || i as outcome_id, "
            "'a' || i as account_id, null::date as facts_week from range(40) as r (i)"
        )
        connection.execute(
            "create table int_outcomes_described as select 'deal' as kind, 'd' || i as outcome_id, "
            "100 as employees, map {'colour': 'blue', 'mood': 'glad'} as attributes, "
            "3 as visits_90_days from range(40) as r (i)"
        )
        # The list of January knows no mood; that of April, when all had closed, does.
        connection.execute(
            "create table int_past_facts_followed as "
            "select 'a' || i as account_id, date '2026-01-05' as list_week, 90 as employees, "
            "map {'colour': 'red'} as attributes from range(30) as r (i) union all "
            "select 'a' || i, date '2026-04-06', 100, "
            "map {'colour': 'blue', 'mood': 'glad'} from range(40) as r (i)"
        )
        yield connection


def test_what_becomes_known_after_the_deal_is_seen(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Under the most innocent name; what only changed was known all the same."""
    found = known_before_closing(
        warehouse, ["employees", "attributes.colour", "attributes.mood", "visits_90_days"]
    )

    assert found == {
        "employees": (30, 0),
        "attributes.colour": (30, 0),
        "attributes.mood": (30, 30),
    }
    assert "became known only after" in (lateness(*found["attributes.mood"]) or "")
    assert lateness(*found["employees"]) is None


def test_deals_that_history_reaches_are_not_asked(warehouse: duckdb.DuckDBPyConnection) -> None:
    """They are judged by the facts of then, in which nothing of later is."""
    warehouse.execute("update int_outcomes_gathered set facts_week = date '2026-01-05'")

    assert known_before_closing(warehouse, ["attributes.mood"]) == {"attributes.mood": (0, 0)}


@pytest.mark.parametrize(
    ("known", "late", "is_suspected"),
    [(19, 19, False), (20, 10, True), (200, 99, False), (200, 100, True), (0, 0, False)],
)
def test_few_deals_give_nothing_away(known: int, late: int, is_suspected: bool) -> None:
    """It takes 20 deals, and half of them."""
    assert (lateness(known, late) is not None) == is_suspected
