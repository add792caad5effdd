"""Every threshold of the evidence, and the words that follow from them.

What belongs here: when there is enough to say anything, and what is said then. What doesn't: the
figures themselves. `docs/method.md` gives the source of each threshold.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CONFIDENCE_Z = 1.959963984540054
"""The normal quantile of a 95 % interval."""

FALSE_DISCOVERY_RATE = 0.05
"""Of the criteria that are said to have an effect, the share expected to have none."""

PROPOSAL_DISCOVERY_RATE = 0.1
"""The same of attributes that new criteria are proposed from, which people look at before use."""

LEAST_EXPECTED = 5.0
"""Fewest deals to be expected in each cell of the fourfold table, for chi-square to hold."""

LEAST_DEALS = 20
"""Fewest deals that meet a criterion, and fewest that don't."""

LEAST_OUTCOMES = 20
"""Fewest won and fewest lost deals that a ranking is tested on."""

TRAINED_SHARE = 0.7
"""The older part of the deals, on which is learned what the newer part tests."""

REPLICATES = 1000
"""Resamples of a bootstrap."""

SEED = 20260105
"""Where every random number of the evidence begins."""

SUPPORTED, NO_EFFECT, CONTRADICTED = "supported", "no effect seen", "contradicted"
NOT_ENOUGH, LEAK = "not enough deals", "suspected leak"
LIFT, NO_LIFT, WORSE = "lift", "no lift", "worse than chance"
BETTER, NO_DIFFERENCE, LESS_WELL = "better", "no difference seen", "less well"
ADDS, ADDS_NOTHING, NO_CRITERIA = "adds", "adds nothing seen", "no criteria"

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def criterion_verdicts(
    enough: Booleans, leaks: Booleans, q_values: Floats, agrees: Booleans
) -> list[str]:
    """The verdict on each criterion; `agrees`: deals point where the document's points do."""
    shown = q_values <= FALSE_DISCOVERY_RATE
    conditions = [leaks, ~enough, shown & agrees, shown]
    words = np.select(conditions, [LEAK, NOT_ENOUGH, SUPPORTED, CONTRADICTED], NO_EFFECT)
    return [str(word) for word in words]


def ranking_verdict(won: int, lost: int, low: float, high: float) -> str:
    """Whether a ranking with that 95 % interval of its AUC tells won from lost deals at all."""
    if min(won, lost) < LEAST_OUTCOMES:
        return NOT_ENOUGH
    if low > 0.5:
        return LIFT
    return WORSE if high < 0.5 else NO_LIFT


def difference_verdict(won: int, lost: int, low: float, high: float) -> str:
    """Whether one ranking tells won from lost deals better than another, by that 95 % interval of
    how much more its AUC is."""
    if min(won, lost) < LEAST_OUTCOMES:
        return NOT_ENOUGH
    if low > 0:
        return BETTER
    return LESS_WELL if high < 0 else NO_DIFFERENCE


def family_verdict(criteria: int, won: int, lost: int, added_low: float) -> str:
    """Whether a family with that lower bound of the AUC it adds adds anything."""
    if not criteria:
        return NO_CRITERIA
    if min(won, lost) < LEAST_OUTCOMES:
        return NOT_ENOUGH
    return ADDS if added_low > 0 else ADDS_NOTHING
