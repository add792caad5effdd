"""The scores that a document gives to deals: the formulas of the three legs and of alignment.

The same as the models `int_organisations_judged`, `int_people_covered`, `int_issues_pressing` and
`int_accounts_aligned` compute of accounts, over points that are only proposed; a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from orchestration.evidence.outcomes import LEGS, Deals, Row

Floats = npt.NDArray[np.float64]


def alignment(
    deals: Deals, rows: Sequence[Row], points: Sequence[float | None], ranking: Mapping[str, Any]
) -> Floats:
    """The alignment of each deal's account before the deal, if the rows had these points."""
    weights = {leg: float(weight) for leg, weight in ranking["weights"].items() if weight > 0}
    total = np.zeros(deals.frame.height)
    for leg, weight in weights.items():
        chosen = [i for i, row in enumerate(rows) if row.leg == leg and points[i] is not None]
        given = np.array([points[i] for i in chosen], dtype=np.float64)
        grades = deals.grades([rows[i] for i in chosen])
        total += weight * np.log(np.maximum(_leg_score(leg, grades, given), 1.0))
    found: Floats = np.exp(total / sum(weights.values()))
    return found


def _leg_score(leg: str, grades: Floats, points: Floats) -> Floats:
    assert leg in LEGS, leg
    earned = grades @ points
    if leg != "issue":
        possible = float(points[points > 0].sum())
        earned = earned * (100 / possible) if possible > 0 else earned * 0
    found: Floats = np.clip(earned, 0.0, 100.0)
    return found
