"""How well scores rank won deals above lost ones.

Deals that share a score are taken to come in every order equally often, so that no figure depends
on how ties are broken.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from orchestration.evidence.verdicts import REPLICATES, SEED

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_CELLS = 4_000_000
"""Most numbers that a part of a bootstrap holds at a time."""


def auc(scores: Floats, won: Floats) -> float:
    """The chance that a won deal scores above a lost one; NaN without any of either."""
    return float(_weighted_auc(scores, won, np.ones((1, len(won))))[0])


def bootstrap_aucs(scores: Floats, won: Floats, groups: Integers) -> Floats:
    """The AUC of each column of scores in each resample of groups: (replicate, column).

    Groups are accounts: deals of one account are not independent. Each replicate draws as many
    groups as there are, with replacement, from a generator of a fixed seed; all columns see the
    same draws, so that their differences can be told.
    """
    _, places = np.unique(groups, return_inverse=True)
    count = int(places.max()) + 1 if len(places) else 0
    random = np.random.default_rng(SEED)
    part = max(1, _CELLS // max(len(won), 1))
    found = []
    for start in range(0, REPLICATES, part):
        replicates = min(part, REPLICATES - start)
        drawn = random.integers(0, max(count, 1), size=(replicates, count))
        drawn += np.arange(replicates)[:, None] * count
        times = np.bincount(drawn.ravel(), minlength=replicates * count)
        weights = times.reshape(replicates, count)[:, places].astype(np.float64)
        found.append(np.column_stack([_weighted_auc(column, won, weights) for column in scores.T]))
    return np.concatenate(found)


def interval(replicates: Floats) -> tuple[float, float]:
    """The middle 95 % of replicates, without those that had only won or only lost deals."""
    seen = replicates[~np.isnan(replicates)]
    if not seen.size:
        return float("nan"), float("nan")
    low, high = np.quantile(seen, [0.025, 0.975])
    return float(low), float(high)


def won_among_top(scores: Floats, won: Floats, deals: Floats) -> Floats:
    """How many deals are won among so many that score highest."""
    _, places, count = np.unique(-scores, return_inverse=True, return_counts=True)
    wins = np.bincount(places, weights=won)
    taken = np.concatenate([[0.0], np.cumsum(count)])
    gained = np.concatenate([[0.0], np.cumsum(wins)])
    found: Floats = np.interp(deals, taken, gained)
    return found


def _weighted_auc(scores: Floats, won: Floats, weights: Floats) -> Floats:
    """The AUC under each row of weights of the deals."""
    order = np.argsort(scores, kind="stable")
    sorted_scores = scores[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(sorted_scores) != 0]))
    if not len(scores):
        return np.full(len(weights), np.nan)
    ordered = weights[:, order]
    of_won = np.add.reduceat(ordered * won[order], starts, axis=1)
    of_lost = np.add.reduceat(ordered * (1 - won[order]), starts, axis=1)
    below = np.cumsum(of_lost, axis=1) - of_lost
    pairs = of_won.sum(axis=1) * of_lost.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = (of_won * (below + of_lost / 2)).sum(axis=1) / pairs
    return found
