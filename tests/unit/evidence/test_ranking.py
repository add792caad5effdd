"""How well scores rank won deals, and how certain that is."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.evidence.outcomes import Deals
from orchestration.evidence.ranking import auc, bootstrap_aucs, interval, won_among_top
from orchestration.evidence.ranking_backtest import auc_difference
from orchestration.evidence.verdicts import REPLICATES, SEED

RANKED = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=30)


@given(RANKED)
def test_auc_is_the_share_of_pairs_ranked_right(deals: list[tuple[int, bool]]) -> None:
    """Counted pair by pair, a tie as half; undefined without any won or lost deal."""
    won = [score for score, is_won in deals if is_won]
    lost = [score for score, is_won in deals if not is_won]
    pairs = [(w > x) + (w == x) / 2 for w in won for x in lost]

    found = auc(*(np.array(column, dtype=float) for column in zip(*deals, strict=True)))

    assert found == pytest.approx(sum(pairs) / len(pairs)) if pairs else np.isnan(found)


@given(RANKED, st.integers(1, 30))
def test_ties_at_the_top_count_by_their_share(deals: list[tuple[int, bool]], taken: int) -> None:
    """The expected number won among the first, when ties come in any order equally often."""
    scores, won = (np.array(column, dtype=float) for column in zip(*deals, strict=True))
    taken = min(taken, len(deals))
    edge = sorted(scores, reverse=True)[taken - 1]
    above, level = scores > edge, scores == edge
    expected = won[above].sum() + won[level].mean() * (taken - above.sum())

    assert won_among_top(scores, won, np.array([float(taken)]))[0] == pytest.approx(expected)


def test_the_bootstrap_covers_the_true_auc() -> None:
    """100 samples of 300 deals from two normals of known AUC."""
    random = np.random.default_rng(4)
    true, covered = 0.6382, []
    for _ in range(100):
        won = (random.random(300) < 0.35).astype(float)
        scores = random.normal(size=300) + 0.5 * won
        low, high = interval(bootstrap_aucs(scores[:, None], won, np.arange(300))[:, 0])
        covered.append(low <= true <= high)

    assert 0.89 <= np.mean(covered) <= 0.99


def test_deals_of_one_account_are_drawn_together() -> None:
    """Each deal ten times over in one account is no more certain than once."""
    random = np.random.default_rng(5)
    won = (random.random(100) < 0.4).astype(float)
    scores = random.normal(size=100) + won
    once = interval(bootstrap_aucs(scores[:, None], won, np.arange(100))[:, 0])

    many = bootstrap_aucs(
        np.repeat(scores, 10)[:, None], np.repeat(won, 10), np.repeat(np.arange(100), 10)
    )

    assert interval(many[:, 0]) == pytest.approx(once, abs=1e-9)


@pytest.mark.parametrize("replicate", [0, 500, REPLICATES - 1])
def test_a_resample_ranks_the_deals_of_the_accounts_drawn(replicate: int) -> None:
    """In whichever part of the bootstrap it is made; scores have ties, accounts several deals."""
    random = np.random.default_rng(6)
    accounts, scores = random.integers(0, 900, 1500), random.integers(0, 40, 1500).astype(float)
    won = (random.random(1500) < 0.3).astype(float)
    _, places = np.unique(accounts, return_inverse=True)
    count = int(places.max()) + 1
    drawn = np.random.default_rng(SEED).integers(0, count, size=(REPLICATES, count))[replicate]
    times = np.bincount(drawn, minlength=count)[places]

    found = bootstrap_aucs(scores[:, None], won, accounts)[replicate, 0]

    assert found == auc(np.repeat(scores, times), np.repeat(won, times))


def test_the_same_deals_give_the_same_interval() -> None:
    """The generator begins at a fixed seed."""
    scores, won = np.arange(50.0)[:, None], np.tile([0.0, 1.0], 25)
    first, second = (bootstrap_aucs(scores, won, np.arange(50)) for _ in range(2))

    assert (first == second).all()


def test_a_difference_is_told_from_chance_by_what_both_rankings_share() -> None:
    """Scores that carry what another one lacks rank better; the same ones with noise do not."""
    random = np.random.default_rng(11)
    known, further = random.normal(size=(2, 900))
    won = random.random(900) < 1 / (1 + np.exp(-known - further))
    frame = pl.DataFrame({"is_won": won, "account_id": [f"acc_{n}" for n in range(900)]})
    deals = Deals(frame, np.arange(900) < 600, "by date of opening")

    better = auc_difference(deals, known, known + further)
    noisy = auc_difference(deals, known, known + random.normal(size=900) / 50)

    assert better["verdict"] == "better"
    assert 0 < better["auc_low"] < better["auc"] < better["auc_high"]
    assert auc_difference(deals, known + further, known)["verdict"] == "less well"
    assert noisy["verdict"] == "no difference seen"
    few = auc_difference(deals.only(np.arange(900) < 0), known[:0], known[:0])
    assert few["verdict"] == "not enough deals"
