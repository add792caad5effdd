"""How one yes-or-no fact goes with winning: shares, intervals, weights, and chance as explanation.

Every function takes counts as arrays, one place for each criterion. Formulas and sources:
`docs/method.md`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from orchestration.evidence.verdicts import CONFIDENCE_Z, LEAST_DEALS, LEAST_EXPECTED

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

SMOOTHING = 0.5


def won_share(won: Floats, deals: Floats) -> tuple[Floats, Floats, Floats]:
    """The share of won deals and its 95 % interval by Wilson; NaN where there are no deals."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = won / deals
        spread = CONFIDENCE_Z**2 / deals
        centre = (share + spread / 2) / (1 + spread)
        half = CONFIDENCE_Z * np.sqrt(share * (1 - share) / deals + (spread / deals) / 4)
        half /= 1 + spread
    # Rounding must not leave 0 or 1 outside of the interval of none or all.
    return share, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def lift(won: Floats, deals: Floats, other_won: Floats, other_deals: Floats) -> Floats:
    """The share of won deals over that of all deals of which the fact is known."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (won / deals) / ((won + other_won) / (deals + other_deals))


def weight_of_evidence(won: Floats, lost: Floats, all_won: Floats, all_lost: Floats) -> Floats:
    """The log of how much more often the fact is met among won than among lost deals, smoothed."""
    among_won = (won + SMOOTHING) / (all_won + 2 * SMOOTHING)
    among_lost = (lost + SMOOTHING) / (all_lost + 2 * SMOOTHING)
    return np.log(among_won / among_lost)


def information_value(won: Floats, lost: Floats, other_won: Floats, other_lost: Floats) -> Floats:
    """The weight of evidence of both answers, weighted by how differently they are given."""
    all_won, all_lost = won + other_won, lost + other_lost
    value = np.zeros_like(won)
    for of_won, of_lost in ((won, lost), (other_won, other_lost)):
        among_won = (of_won + SMOOTHING) / (all_won + 2 * SMOOTHING)
        among_lost = (of_lost + SMOOTHING) / (all_lost + 2 * SMOOTHING)
        value += (among_won - among_lost) * np.log(among_won / among_lost)
    return value


def is_enough(won: Floats, lost: Floats, other_won: Floats, other_lost: Floats) -> Booleans:
    """Whether both answers were given often enough for chi-square to be trusted."""
    deals, others = won + lost, other_won + other_lost
    fewest = np.minimum(won + other_won, lost + other_lost)
    least_expected = fewest * np.minimum(deals, others) / np.maximum(deals + others, 1)
    enough: Booleans = (least_expected >= LEAST_EXPECTED) & (
        np.minimum(deals, others) >= LEAST_DEALS
    )
    return enough


def p_values(won: Floats, lost: Floats, other_won: Floats, other_lost: Floats) -> Floats:
    """Pearson's chi-square test that won deals meet the fact as often as lost ones; else 1."""
    total = won + lost + other_won + other_lost
    margins = (won + lost) * (other_won + other_lost) * (won + other_won) * (lost + other_lost)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = total * (won * other_lost - lost * other_won) ** 2 / margins
    statistic = np.where(margins > 0, statistic, 0.0)
    return np.array([math.erfc(math.sqrt(value / 2)) for value in statistic])


def q_values(p: Floats) -> Floats:
    """The false discovery rate at which each test would be called, by Benjamini and Hochberg."""
    if not p.size:
        return p
    order = np.argsort(p, kind="stable")[::-1]
    adjusted = p[order] * p.size / np.arange(p.size, 0, -1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(adjusted), 1.0)
    return q
