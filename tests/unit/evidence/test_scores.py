"""Deals are scored by the formulas that score accounts: the worked account of docs/method.md."""

import numpy as np
import polars as pl
import pytest

from orchestration.evidence.outcomes import Deals, Row
from orchestration.evidence.scores import alignment

ROWS = [
    Row("mid_size", "criterion", "organisation", "demographic", "employees", 20),
    Row("sweet_spot", "criterion", "organisation", "demographic", "employees", 10),
    Row("just_funded", "criterion", "organisation", "situational", "last_funding_date", 15),
    Row("old_erp", "criterion", "organisation", "environmental", "attributes.erp", 5),
    Row("is_shrinking", "criterion", "organisation", "situational", "status", -50),
    Row("not_served", "disqualifier", "organisation", None, "country", None),
    Row("budget_holder", "role", "people", None, None, 40),
    Row("user_champion", "role", "people", None, None, 20),
    Row("gatekeeper", "role", "people", None, None, 20),
    Row("slow_close", "issue", "issue", None, None, 35),
    Row("growth", "issue", "issue", None, None, 25),
]
BRIGHT_LEDGER = [1, 29 / 30, 0.5, None, 0, 0, 1, 1, 0, 0.6, 0.25]
WEIGHTS = {"organisation": 1, "people": 1, "issue": 1}


def scored(grades: list[float | None], weights: dict[str, int]) -> float:
    """The alignment of one account with these grades."""
    columns = dict(zip((row.column for row in ROWS), grades, strict=True))
    frame = pl.DataFrame(
        {name: pl.Series([grade], dtype=pl.Float64) for name, grade in columns.items()}
    )
    deals = Deals(frame, np.ones(1, dtype=bool), "")
    return float(alignment(deals, ROWS, [row.points for row in ROWS], {"weights": weights})[0])


def test_bright_ledger_is_aligned_as_its_account_is() -> None:
    """(74.3333 x 75 x 27.25) ^ (1/3), as the unit tests of the models have it."""
    assert scored(BRIGHT_LEDGER, WEIGHTS) == pytest.approx(53.3585, abs=0.0001)


def test_a_leg_of_weight_0_is_not_judged() -> None:
    """Then organisation fit stands alone."""
    assert scored(BRIGHT_LEDGER, {**WEIGHTS, "people": 0, "issue": 0}) == pytest.approx(
        74.3333, abs=1e-4
    )


def test_no_leg_sinks_below_1_or_rises_above_100() -> None:
    """Points lost can't make a score negative, and heat can't pass the cap."""
    lost = [0, 0, 0, 0, 1, 0, 1, 1, 1, 2, 3]

    assert scored(lost, WEIGHTS) == pytest.approx((1 * 100 * 100) ** (1 / 3))
