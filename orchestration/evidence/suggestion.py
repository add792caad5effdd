"""The points that deals suggest for the document's own criteria and roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from orchestration.evidence.outcomes import Deals, Row
from orchestration.evidence.scorecard import as_points, learn
from orchestration.evidence.verdicts import CONTRADICTED, LEAK, NO_EFFECT, SUPPORTED

Floats = npt.NDArray[np.float64]

CHANGEABLE = ("criterion", "role")
SHOWN = (SUPPORTED, CONTRADICTED)
TOLD = (*SHOWN, NO_EFFECT)


def suggested_points(
    deals: Deals, rows: Sequence[Row], verdicts: Sequence[str]
) -> list[float | None]:
    """For each row the points that deals suggest; where they can't tell, those that it has.

    What was tested is weighed together, so that two criteria that say the same share what it is
    worth, and the points that the tested ones of a leg have in the document are parted so. A
    suspected leak gets 0. A leg of which no effect is shown stays as it is, and so does what is
    not told by points of its own: issues and disqualifiers.
    """
    points = without_leaks(rows, verdicts)
    signs = told_signs(rows, verdicts)
    grades = deals.grades([rows[i] for i in signs])
    nothing = np.zeros((len(deals.won), 0))
    found, _ = signed_weights(grades, list(signs.values()), nothing, deals.won)
    weights = dict(zip(signs, found.tolist(), strict=True))
    for leg in ("organisation", "people"):
        told = [
            i
            for i, row in enumerate(rows)
            if row.leg == leg and row.kind in CHANGEABLE and verdicts[i] in TOLD
        ]
        total = sum(max(points[i] or 0.0, 0.0) for i in told)
        learned = np.array([weights.get(i, 0.0) for i in told])
        if leg == "people":
            # A role can't cost points.
            learned = np.maximum(learned, 0.0)
        is_shown = any(verdicts[i] in SHOWN for i in told)
        if is_shown and total > 0 and (learned > 0).any():
            for i, value in zip(told, as_points(learned, total).tolist(), strict=True):
                points[i] = value
    return points


def without_leaks(rows: Sequence[Row], verdicts: Sequence[str]) -> list[float | None]:
    """The document's points, with 0 for suspected leaks."""
    return [
        0.0 if verdict == LEAK and row.points is not None else row.points
        for row, verdict in zip(rows, verdicts, strict=True)
    ]


def told_signs(rows: Sequence[Row], verdicts: Sequence[str]) -> dict[int, int]:
    """The places of tested rows: 1 for those that may only count for winning, -1 against it.

    That is what deals show, and where they show nothing what the document says.
    """
    return {
        i: rows[i].expected_sign * (-1 if verdict == CONTRADICTED else 1)
        for i, verdict in enumerate(verdicts)
        if verdict in TOLD
    }


def signed_weights(
    own: Floats, signs: Sequence[int], further: Floats, won: Floats
) -> tuple[Floats, Floats]:
    """What each own fact adds to the log-odds of winning beside the others and further facts.

    A fact that beside others would count the other way than its sign says nothing of its own: it
    is left out, with weight 0.
    """
    kept = list(range(len(signs)))
    while True:
        card = learn(np.column_stack([own[:, kept], further]), won)
        against = [(card.weights[n] * signs[i], i) for n, i in enumerate(kept)]
        least, place = min(against, default=(0.0, 0))
        if least >= 0:
            weights = np.zeros(len(signs))
            weights[kept] = card.weights[: len(kept)]
            return weights, card.weights[len(kept) :]
        kept.remove(place)


def with_suggestions(
    figures: Sequence[dict[str, Any]], points: Sequence[float | None]
) -> list[dict[str, Any]]:
    """Figures of criteria with the points that are suggested."""
    return [
        {**figure, "suggested_points": value} for figure, value in zip(figures, points, strict=True)
    ]
