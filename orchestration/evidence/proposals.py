"""New criteria that deals suggest, from the attributes on offer: bands of numbers, values, ages.

What belongs here: which attributes tell anything, and what each of their parts is worth beside
everything else. What doesn't: which attributes may be looked at (`leaks.py`), and into which parts
one falls (`candidates.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.documents.attributes import ATTRIBUTES
from orchestration.evidence.association import q_values
from orchestration.evidence.candidates import AGE, Candidate, candidates_of, nested
from orchestration.evidence.leaks import levels, levels_table
from orchestration.evidence.outcomes import Deals, Row
from orchestration.evidence.suggestion import (
    signed_weights,
    suggested_points,
    told_signs,
    without_leaks,
)
from orchestration.evidence.verdicts import PROPOSAL_DISCOVERY_RATE

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

LEAST_POINTS = 100.0
"""What an account can earn by all criteria together, where the document gives fewer."""

STEP = 0.1
"""The log-odds to which what a part is worth is rounded, so that like parts become one."""

HARDLY_UNKNOWN = 0.05
"""An attribute unknown of such a share of deals is taken as known."""

FAMILY_OF_KEYS = "demographic"
"""The family of a source's key, of which nobody has said another."""


@dataclass(frozen=True)
class Proposal:
    """A criterion that deals suggest: as a row of the document, and as the document writes it."""

    row: Row
    operator: str
    operand: Any
    met: Floats


def proposed(
    deals: Deals,
    values: pl.DataFrame,
    rows: Sequence[Row],
    verdicts: Sequence[str],
    fitted: Booleans,
) -> tuple[list[float | None], list[Proposal]]:
    """The points of the document's own rows, and new criteria, by what the fitted deals teach.

    `values` has one row per deal and the attributes that may be looked at. The document's tested
    criteria are weighed together with every part of the attributes that tell anything.
    """
    signs = {i: sign for i, sign in told_signs(rows, verdicts).items() if _is_criterion(rows[i])}
    own = list(signs)
    found = (
        candidates_of(name, values[name], deals.frame["judged_at"], fitted)
        for name in _telling(values, deals.won, fitted)
    )
    parts = [part for part in found if part]
    if not parts:
        return suggested_points(deals.only(fitted), rows, verdicts), []
    further = [each.met for part in parts for each in part]
    nothing = np.zeros((len(deals.won), 0))
    of_own, weights = signed_weights(
        deals.grades([rows[i] for i in own])[fitted],
        list(signs.values()),
        np.column_stack([nothing, *further])[fitted],
        deals.won[fitted],
    )
    of_parts = _split(weights, parts)
    worth = [
        np.round(_against_nothing(part, each, fitted) / STEP) * STEP
        for part, each in zip(parts, of_parts, strict=True)
    ]
    points = without_leaks(rows, verdicts)
    total = max(sum(max(rows[i].points or 0.0, 0.0) for i in own), LEAST_POINTS)
    reachable = float(np.maximum(of_own, 0).sum()) + sum(
        float(np.maximum(each, 0).sum() if part[0].kind == AGE else max(each.max(), 0.0))
        for part, each in zip(parts, worth, strict=True)
    )
    scale = total / reachable if reachable > 0 else 0.0
    for i, weight in zip(own, of_own.tolist(), strict=True):
        points[i] = float(round(weight * scale))
    kept = [
        pair
        for part, each in zip(parts, worth, strict=True)
        for pair in nested(part, np.round(each * scale).tolist())
    ]
    return points, _named(kept, {row.id for row in rows})


def with_proposals(deals: Deals, proposals: Sequence[Proposal]) -> Deals:
    """The deals with a column for each proposed criterion."""
    columns: Mapping[str, pl.Series] = {
        each.row.column: pl.Series(each.row.column, each.met) for each in proposals
    }
    return Deals(deals.frame.with_columns(**columns), deals.is_train, deals.split)


def number_text(number: float) -> str:
    """A number as people write it, without an exponent."""
    return f"{number:.0f}" if number == int(number) else f"{number}"


def _is_criterion(row: Row) -> bool:
    return row.kind == "criterion"


def _telling(values: pl.DataFrame, won: Floats, fitted: Booleans) -> list[str]:
    """The attributes whose values don't win alike, with as many tested at once in mind."""
    outcomes = pl.Series(won[fitted])
    p = [
        _chi_square_p(levels_table(levels(values[name].filter(pl.Series(fitted))), outcomes))
        for name in values.columns
    ]
    q = q_values(np.array(p)).tolist()
    return [
        name
        for name, value in zip(values.columns, q, strict=True)
        if value <= PROPOSAL_DISCOVERY_RATE
    ]


def _chi_square_p(table: pl.DataFrame) -> float:
    """Pearson's test that all levels win alike, by Wilson and Hilferty's normal approximation."""
    deals, won = table["deals"].to_numpy().astype(np.float64), table["won"].to_numpy()
    share, freedom = won.sum() / max(deals.sum(), 1.0), len(deals) - 1
    if freedom < 1 or not 0 < share < 1:
        return 1.0
    statistic = float(((won - deals * share) ** 2 / (deals * share * (1 - share))).sum())
    spread = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return math.erfc(z / math.sqrt(2)) / 2


def _split(values: Floats, parts: Sequence[Sequence[Candidate]]) -> list[Floats]:
    ends = np.cumsum([len(part) for part in parts])
    return np.split(values, ends[:-1]) if parts else []


def _against_nothing(part: Sequence[Candidate], weights: Floats, fitted: Booleans) -> Floats:
    """Weights of an attribute's parts against what earns nothing.

    That is what is unknown, and parts worse than that cost points; but where the attribute is known
    of nearly every deal it is the least of its parts, since a score has no room below 0.
    """
    unknown = (np.sum([each.met for each in part], axis=0)[fitted] == 0).mean()
    if part[0].kind == AGE or unknown > HARDLY_UNKNOWN:
        return weights
    against: Floats = weights - weights.min()
    return against


def _named(kept: Sequence[tuple[Candidate, float]], taken: set[str]) -> list[Proposal]:
    proposals = []
    for candidate, points in kept:
        operator, operand = candidate.condition
        name = _id_of(candidate.attribute, operator, operand, taken)
        taken.add(name)
        known = ATTRIBUTES.get(candidate.attribute)
        family = known.family if known else FAMILY_OF_KEYS
        row = Row(name, "criterion", "organisation", family, candidate.attribute, points)
        proposals.append(Proposal(row, operator, operand, candidate.met))
    return proposals


def _id_of(attribute: str, operator: str, operand: Any, taken: set[str]) -> str:
    text = f"{attribute.rpartition('.')[2]} {_words(operator, operand)}".lower()
    name = re.sub(r"[^a-z0-9]+", "_", text).strip("_")[:54].strip("_")
    name = name if name[:1].isalpha() else f"a_{name}"
    free = (name if number == 1 else f"{name}_{number}" for number in range(1, len(taken) + 2))
    return next(each for each in free if each not in taken)


def _words(operator: str, operand: Any) -> str:
    match operator:
        case "at_most":
            return f"up to {number_text(operand)}"
        case "at_least":
            return f"from {number_text(operand)}"
        case "between":
            return f"{number_text(operand[0])} to {number_text(operand[1])}"
        case "within_days":
            return f"within {operand['days']} days"
        case "in":
            return f"{operand[0]} or {len(operand) - 1} more"
        case "not_in":
            return "other"
        case _:
            return number_text(operand) if isinstance(operand, float) else f"{operand}"
