"""Attributes that tell an outcome because they were filled in after it are flagged."""

import numpy as np
import polars as pl
import pytest

from orchestration.evidence.leaks import suspicion

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
