"""What each fact is worth beside the others, and as points."""

import numpy as np
import pytest

from orchestration.evidence.scorecard import as_points, chances, learn
from orchestration.evidence.suggestion import signed_weights


def test_planted_weights_are_found() -> None:
    """20,000 deals won by known log-odds give them back, less a little by the penalty."""
    random = np.random.default_rng(6)
    facts = (random.random((20_000, 3)) < 0.4).astype(float)
    planted = np.array([1.0, -0.7, 0.0])
    won = (random.random(20_000) < chances(-1 + facts @ planted)).astype(float)

    card = learn(facts, won)

    assert card.base == pytest.approx(-1, abs=0.1)
    assert card.weights == pytest.approx(planted, abs=0.1)


def test_perfect_separation_still_has_an_answer() -> None:
    """The penalty keeps a fact that every won deal meets from being worth without end."""
    facts = np.repeat([[1.0], [0.0]], 50, axis=0)

    card = learn(facts, facts[:, 0])

    assert 3 < card.weights[0] < 20
    assert np.isfinite(card.log_odds(facts)).all()


def test_facts_that_say_the_same_share_what_it_is_worth() -> None:
    """Two copies of one fact are worth as much as one."""
    random = np.random.default_rng(7)
    fact = (random.random(5_000) < 0.5).astype(float)
    won = (random.random(5_000) < chances(fact - 1)).astype(float)

    both = learn(np.column_stack([fact, fact]), won).weights

    assert both[0] == pytest.approx(both[1])
    assert both.sum() == pytest.approx(learn(fact[:, None], won).weights[0], abs=0.01)


def test_a_fact_that_counts_only_against_its_sign_is_left_out() -> None:
    """Beside a better one, a fact may not be turned round to mend that one's mistakes."""
    random = np.random.default_rng(8)
    good = (random.random(4_000) < 0.5).astype(float)
    copy = np.where(random.random(4_000) < 0.1, 1 - good, good)
    won = (random.random(4_000) < chances(1.5 * good - 0.5 * copy - 1)).astype(float)

    weights, _ = signed_weights(np.column_stack([good, copy]), [1, 1], np.zeros((4_000, 0)), won)

    assert weights[0] > 0
    assert weights[1] == 0


@pytest.mark.parametrize(
    ("total", "points"),
    [(60, [40, 20, -10]), (3, [2, 1, -0.5]), (0, [0, 0, 0])],
    ids=["whole", "finer for few points", "nothing to earn"],
)
def test_points_keep_the_document_s_total(total: float, points: list[float]) -> None:
    """Positive points sum to what the document gives, as round as that allows."""
    assert as_points(np.array([2.0, 1.0, -0.5]), total).tolist() == points
