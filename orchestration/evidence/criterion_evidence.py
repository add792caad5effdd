"""What outcomes say of each row of the document: one row of figures for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.evidence.association import (
    information_value,
    is_enough,
    lift,
    p_values,
    q_values,
    weight_of_evidence,
    won_share,
)
from orchestration.evidence.outcomes import Deals, Row
from orchestration.evidence.verdicts import criterion_verdicts

Floats = npt.NDArray[np.float64]
ANSWERS = ("met", "not_met", "unknown")


def criterion_figures(
    deals: pl.DataFrame, verdicts: pl.DataFrame, rows: Sequence[Row], leaks: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The figures of each row of the document, in its order; points are suggested elsewhere.

    `leaks` has the attributes that are left out, and why.
    """
    found = tested(deals, rows, leaks)
    of_deals, of_verdicts = counts(deals, rows), counts(verdicts, rows)
    shares = {answer: won_share(*of_deals[answer]) for answer in ANSWERS}
    (won, met), (other_won, not_met) = of_deals["met"], of_deals["not_met"]
    lost, other_lost = met - won, not_met - other_won
    figures = {
        "lift": lift(won, met, other_won, not_met),
        "weight_of_evidence": weight_of_evidence(won, lost, won + other_won, lost + other_lost),
        "information_value": information_value(won, lost, other_won, other_lost),
    }
    return [
        {
            "criterion_id": row.id,
            "kind": row.kind,
            "leg": row.leg,
            "family": row.family,
            **{
                key: value
                for answer in ANSWERS
                for key, value in _of_answer(answer, i, of_deals[answer], shares[answer]).items()
            },
            **{name: float(values[i]) for name, values in figures.items()},
            **found[i],
            "points": row.points,
            "suggested_points": row.points,
            "leak": leaks.get(row.attribute or ""),
            **{f"verdicts_{answer}": int(of_verdicts[answer][1][i]) for answer in ANSWERS},
            **{f"accepted_{answer}": int(of_verdicts[answer][0][i]) for answer in ANSWERS[:2]},
            "judged_by_todays_facts_pct": told_today_pct(deals, row),
        }
        for i, row in enumerate(rows)
    ]


def tested(
    deals: pl.DataFrame, rows: Sequence[Row], leaks: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For each row p_value, q_value and verdict; only rows with enough deals are tested."""
    of_deals = counts(deals, rows)
    (won, met), (other_won, not_met) = of_deals["met"], of_deals["not_met"]
    lost, other_lost = met - won, not_met - other_won
    p = p_values(won, lost, other_won, other_lost)
    enough = is_enough(won, lost, other_won, other_lost)
    leaking = np.array([row.attribute in leaks for row in rows], dtype=bool)
    is_tested = enough & ~leaking
    q = np.full(len(rows), np.nan)
    q[is_tested] = q_values(p[is_tested])
    sign = np.sign(won * other_lost - lost * other_won)
    agrees = sign == np.array([row.expected_sign for row in rows])
    verdicts = criterion_verdicts(enough, leaking, q, agrees)
    return [
        {
            "p_value": float(p[i]) if is_tested[i] else None,
            "q_value": float(q[i]) if is_tested[i] else None,
            "verdict": verdict,
        }
        for i, verdict in enumerate(verdicts)
    ]


def counts(outcomes: pl.DataFrame, rows: Sequence[Row]) -> dict[str, tuple[Floats, Floats]]:
    """For each answer, by row of the document: how many were won, and how many there are."""
    if not rows:
        return {answer: (np.zeros(0), np.zeros(0)) for answer in ANSWERS}
    won = outcomes["is_won"].to_numpy().astype(np.float64)
    grades = outcomes.select(pl.col(row.column) for row in rows)
    unknown = grades.select(pl.all().is_null()).to_numpy()
    met = grades.select(pl.all().fill_null(0.0) > 0).to_numpy()
    masks = {"met": met, "not_met": ~met & ~unknown, "unknown": unknown}
    return {
        answer: (won @ mask, mask.sum(axis=0).astype(np.float64)) for answer, mask in masks.items()
    }


def told_today_pct(deals: pl.DataFrame, row: Row) -> float | None:
    """Of the deals that the row is known of, the share that today's facts tell it of."""
    known = deals.filter(pl.col(row.column).is_not_null())
    if not known.height:
        return None
    column = row.told_today_column
    return 100 * float(known[column].cast(pl.Float64).mean()) if column else 0.0  # type: ignore[arg-type]


def today_pct(deals: Deals) -> float | None:
    """The share of deals that anything is judged of by today's facts."""
    if not deals.frame.height:
        return None
    told = deals.frame["is_company_of_today"] | deals.frame["is_signals_of_today"]
    return 100 * float(told.sum()) / deals.frame.height


def _of_answer(
    answer: str, place: int, count: tuple[Floats, Floats], shares: tuple[Floats, Floats, Floats]
) -> dict[str, Any]:
    won, deals = count
    share, low, high = shares
    return {
        f"deals_{answer}": int(deals[place]),
        f"won_{answer}": int(won[place]),
        f"won_{answer}_pct": 100 * float(share[place]),
        f"won_{answer}_low_pct": 100 * float(low[place]),
        f"won_{answer}_high_pct": 100 * float(high[place]),
    }
