"""Shares, intervals, weights and tests of one yes-or-no fact against outcomes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.evidence.association import (
    information_value,
    is_enough,
    lift,
    p_values,
    q_values,
    weight_of_evidence,
    won_share,
)

SEEDS = 500


def array(*values: float) -> np.ndarray:
    """Counts as the functions take them."""
    return np.array(values, dtype=np.float64)


def test_the_worked_example_comes_out_as_the_page_says() -> None:
    """docs/method.md: 30 of 60 deals that met it were won, 20 of 140 that did not."""
    won, met, other_won, not_met = array(30), array(60), array(20), array(140)
    lost, other_lost = met - won, not_met - other_won

    share, low, high = won_share(won, met)

    assert (share[0], round(low[0], 4), round(high[0], 4)) == (0.5, 0.3774, 0.6226)
    assert lift(won, met, other_won, not_met)[0] == 2.0
    weight = weight_of_evidence(won, lost, won + other_won, lost + other_lost)
    assert weight[0] == pytest.approx(math.log((30.5 / 51) / (30.5 / 151)))
    assert round(weight[0], 4) == 1.0855
    assert round(information_value(won, lost, other_won, other_lost)[0], 4) == 0.7015
    assert p_values(won, lost, other_won, other_lost)[0] == pytest.approx(9.02e-08, rel=0.01)


def test_intervals_cover_the_true_share_in_93_to_97_of_100_cases() -> None:
    """Over 500 seeds, for groups of 20 to 400 deals and shares that real teams win."""
    random = np.random.default_rng(1)
    for deals in (20, 60, 150, 400):
        for true in (0.1, 0.25, 0.4, 0.6):
            won = random.binomial(deals, true, size=(SEEDS, 20)).astype(np.float64)
            _, low, high = won_share(won.ravel(), np.full(won.size, float(deals)))

            covered = np.mean((low <= true) & (true <= high))
            assert 0.93 <= covered <= 0.97, (deals, true, covered)


def test_coverage_over_all_is_what_the_interval_promises() -> None:
    """500 seeds of shares and sizes as they come: 95 of 100, give or take one."""
    random = np.random.default_rng(2)
    true = random.uniform(0.05, 0.7, size=(SEEDS, 40))
    deals = random.integers(20, 500, size=true.shape)
    won = random.binomial(deals, true).astype(np.float64)

    _, low, high = won_share(won.ravel(), deals.ravel().astype(np.float64))

    covered = np.mean((low <= true.ravel()) & (true.ravel() <= high))
    assert 0.94 <= covered <= 0.96


def test_nothing_known_is_no_figure() -> None:
    """Without deals there is no share, no lift and no chance of an effect."""
    none = array(0)

    share, low, high = won_share(none, none)

    assert np.isnan([share[0], low[0], high[0], lift(none, none, none, none)[0]]).all()
    assert p_values(none, none, none, none)[0] == 1.0
    assert not is_enough(none, none, none, none)[0]


@pytest.mark.parametrize(
    ("counts", "enough"),
    [((10, 10, 10, 10), True), ((10, 9, 10, 10), False), ((2, 100, 3, 100), False)],
    ids=["twenty of each", "nineteen", "hardly any won"],
)
def test_a_few_deals_are_not_enough(counts: tuple[int, ...], enough: bool) -> None:
    """Twenty deals of each answer, and five to be expected in each cell."""
    assert is_enough(*(array(count) for count in counts))[0] == enough


def test_many_criteria_without_effect_are_seldom_called() -> None:
    """Of 200 markets with 30 criteria of pure noise, at most 1 in 20 shows any effect."""
    random = np.random.default_rng(3)
    met = random.integers(50, 200, size=(200, 30)).astype(np.float64)
    not_met = 250 - met
    won = random.binomial(met.astype(int), 0.3).astype(np.float64)
    other_won = random.binomial(not_met.astype(int), 0.3).astype(np.float64)
    p = p_values(won.ravel(), (met - won).ravel(), other_won.ravel(), (not_met - other_won).ravel())

    called = [(q_values(row) <= 0.05).any() for row in p.reshape(met.shape)]

    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.01)
    assert np.mean(called) <= 0.08


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_keep_the_order_and_are_never_below_p(values: list[float]) -> None:
    """Adjusting makes nothing more certain, and turns no order round."""
    p = np.array(values)

    q = q_values(p)

    assert (q >= p - 1e-12).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= -1e-12).all()
