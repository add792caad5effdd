"""Draws depend on their coordinates alone and have the distributions they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sandbox.draws import Draws

seeds = st.integers(0, 2**31)
steps = st.integers(0, 10**6)
many_rows = st.lists(st.integers(0, 10**7), min_size=1, max_size=30)


def test_the_same_coordinates_give_the_same_bits_on_every_machine():
    """Pinned values: a change of platform or library must not make another market."""
    bits = Draws(7).bits("pin", [0, 1, 5_000_000], 3)

    assert [int(bit) for bit in bits] == [
        11341126759750051474,
        18431218479034840928,
        12592426548880498545,
    ]


@given(seeds, many_rows, steps)
def test_a_row_is_drawn_alike_alone_and_among_others(seed, rows, step):
    """A market may be cut into pieces: no draw depends on its neighbours."""
    together = Draws(seed).uniform("table", rows, step)
    alone = [Draws(seed).uniform("table", row, step)[0] for row in rows]

    assert together.tolist() == alone


@given(seeds, many_rows, steps)
def test_steps_may_be_given_one_by_one_or_for_each_row(seed, rows, step):
    """One step for all rows is the same as that step beside each row."""
    draws = Draws(seed)

    each = draws.bits("table", rows, np.full(len(rows), step))

    assert each.tolist() == draws.bits("table", rows, step).tolist()


@given(seeds, many_rows, steps, st.integers(1, 1_000))
def test_draws_stay_within_their_bounds(seed, rows, step, below):
    """Uniform in [0, 1), whole in [0, below), normal within the reach of a sum of four."""
    draws = Draws(seed)

    assert all(0 <= number < 1 for number in draws.uniform("table", rows, step))
    assert all(0 <= number < below for number in draws.whole("table", rows, below, step))
    assert all(abs(number) < 3.5 for number in draws.normal("table", rows, step))


@given(seeds, many_rows, st.lists(st.sampled_from([0, 1, 5]), min_size=1, max_size=9))
def test_what_weighs_nothing_is_never_drawn(seed, rows, weights):
    """Positions are valid and have a weight."""
    weights = [*weights, 1]

    drawn = Draws(seed).weighted("table", rows, weights)

    assert all(weights[position] > 0 for position in drawn)


def test_draws_have_the_mean_and_spread_they_promise():
    """A hundred thousand draws lie where they should."""
    draws, rows = Draws(1), np.arange(100_000)

    assert draws.uniform("table", rows).mean() == pytest.approx(0.5, abs=0.01)
    assert draws.normal("table", rows).mean() == pytest.approx(0, abs=0.02)
    assert draws.normal("table", rows).std() == pytest.approx(1, abs=0.02)
    assert (draws.weighted("table", rows, [1, 3]) == 1).mean() == pytest.approx(0.75, abs=0.01)


def test_tables_seeds_and_steps_are_independent():
    """Any other coordinate gives another draw, uncorrelated with the first."""
    rows = np.arange(10_000)
    first = Draws(1).uniform("table", rows)

    for other in (
        Draws(2).uniform("table", rows),
        Draws(1).uniform("other", rows),
        Draws(1).uniform("table", rows, 1),
    ):
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.05
