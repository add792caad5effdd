"""A scorecard learned from outcomes: what each fact is worth beside all the others.

Logistic regression with a small ridge penalty, by Newton's method; and points from its weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RIDGE = 1.0
"""One over the variance of the normal that each weight is believed to come from beforehand."""

_MOST_STEPS = 50
_CLOSE = 1e-9


@dataclass(frozen=True)
class Scorecard:
    """Log-odds of winning: a base, and what each fact adds where it is met."""

    base: float
    weights: Floats

    def log_odds(self, facts: Floats) -> Floats:
        """The log-odds of each row of facts."""
        found: Floats = self.base + facts @ self.weights
        return found

    def chances(self, facts: Floats) -> Floats:
        """The chance of winning of each row of facts."""
        return chances(self.log_odds(facts))


def chances(log_odds: Floats) -> Floats:
    """Log-odds as chances."""
    found: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
    return found


def learn(facts: Floats, won: Floats, ridge: float = RIDGE) -> Scorecard:
    """The scorecard that fits rows of facts and their outcomes best; the base is not penalised."""
    rows = np.column_stack([np.ones(len(won)), facts])
    penalty = np.full(rows.shape[1], ridge)
    penalty[0] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(_MOST_STEPS):
        expected = chances(rows @ weights)
        slope = rows.T @ (won - expected) - penalty * weights
        curvature = (rows * (expected * (1 - expected))[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(curvature, slope)
        # A step of Newton's method can overshoot where outcomes are nearly separated.
        weights += step * min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < _CLOSE:
            break
    return Scorecard(float(weights[0]), weights[1:])


def as_points(weights: Floats, total: float) -> Floats:
    """Weights as round points, of which the positive ones sum to about `total`.

    Rounded to whole points, or finer where the total is below 50. Without a positive weight all
    are 0, since there is nothing to earn.
    """
    positive = float(weights[weights > 0].sum())
    if positive <= 0 or total <= 0:
        return np.zeros_like(weights)
    step = 10.0 ** min(0, int(np.floor(np.log10(total / 50))))
    points: Floats = np.round(np.round(weights * total / positive / step) * step, 6)
    return points
