"""How well scores rank won deals above lost ones.

Deals that share a score are taken to come in every order equally often, so that no figure depends
on how ties are broken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from orchestration.evidence.verdicts import REPLICATES, SEED

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]

_CELLS = 400_000
"""About as many numbers as a part of a bootstrap holds at a time: they stay in the cache."""

_LEAST_PART = 16
"""Fewest replicates of a part: rows of fewer weights are costly to pick in another order."""


def auc(scores: Floats, won: Floats) -> float:
    """The chance that a won deal scores above a lost one; NaN without any of either."""
    times = np.ones((len(won), 1), dtype=np.int32)
    is_won = won == 1
    return float(_Pairs.of(scores, is_won).aucs(times[is_won], times[~is_won])[0])


def bootstrap_aucs(scores: Floats, won: Floats, groups: Integers) -> Floats:
    """The AUC of each column of scores in each resample of groups: (replicate, column).

    Groups are accounts: deals of one account are not independent. Each replicate draws as many
    groups as there are, with replacement, from a generator of a fixed seed; all columns see the
    same draws, so that their differences can be told.
    """
    _, places = np.unique(groups, return_inverse=True)
    count = int(places.max()) + 1 if len(places) else 0
    is_won = won == 1
    columns = [_Pairs.of(column, is_won) for column in scores.T]
    random = np.random.default_rng(SEED)
    part = max(_LEAST_PART, _CELLS // max(len(won), 1))
    found = []
    for start in range(0, REPLICATES, part):
        times = _times_drawn(random, count, min(part, REPLICATES - start))
        of_won, of_lost = times[places[is_won]], times[places[~is_won]]
        found.append(np.column_stack([pairs.aucs(of_won, of_lost) for pairs in columns]))
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


@dataclass(frozen=True)
class _Pairs:
    """Where each won deal stands among the lost ones in the order of their scores: how many lost
    ones score less, and how many no more."""

    order: Integers
    below: Integers
    up_to: Integers

    @classmethod
    def of(cls, scores: Floats, is_won: Booleans) -> _Pairs:
        """The places by these scores."""
        won, lost = scores[is_won], scores[~is_won]
        order = np.argsort(lost)
        ordered = lost[order]
        below = np.searchsorted(ordered, won, side="left")
        return cls(order, below, np.searchsorted(ordered, won, side="right"))

    def aucs(self, of_won: Counts, of_lost: Counts) -> Floats:
        """The AUC of each replicate, by how often it drew each deal: (deal, replicate).

        Every sum is of whole numbers, and so exact in whatever order it is made.
        """
        lost = np.zeros((len(of_lost) + 1, of_lost.shape[1]), dtype=of_lost.dtype)
        np.cumsum(of_lost[self.order], axis=0, out=lost[1:])
        # Twice the lost deals that rank below, so that a tie counts as half.
        beaten = lost[self.below] + lost[self.up_to]
        ranked_right = np.einsum("dr,dr->r", of_won, beaten, dtype=np.float64) / 2
        with np.errstate(invalid="ignore"):
            found: Floats = ranked_right / (of_won.sum(axis=0) * lost[-1].astype(np.float64))
        return found


def _times_drawn(random: np.random.Generator, count: int, replicates: int) -> Counts:
    """How often each of so many groups is drawn in each replicate: (group, replicate)."""
    drawn = random.integers(0, max(count, 1), size=(replicates, count))
    drawn += np.arange(replicates)[:, None] * count
    times = np.bincount(drawn.ravel(), minlength=replicates * count)
    return np.ascontiguousarray(times.reshape(replicates, count).T, dtype=np.int32)
